# Copyright (c) 2026, huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors

"""The options and requirements that all modules and inventory plugins of the collection share."""

from __future__ import annotations

import re

import yaml

_INVENTORY_NOTES = """
- Credentials come from the first of these that gives any. The inventory file, the environment variables of the official
  SDKs (C(HUAWEICLOUD_SDK_...)), those of Terraform and of older Ansible modules (C(HW_...) and C(ANSIBLE_HWC_...)), the
  credentials file. Sources are never mixed, nor are keys, token and user within one source.
- Values in the inventory file can be templates, for example with lookups or with variables of the command line. Values
  of environment variables are used as they are.
- Messages about credentials call the inventory file C(the task).
- Inventory plugins run on the control node, or within the execution environment. Python libraries, environment
  variables and files are those of that place.
- An inventory that cannot be read is only a warning to Ansible, which goes on without it. To make it an error, set
  E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true).
"""


def _for_inventory(documentation: str) -> str:
    """The same for inventory plugins: environment variables as C(env) too, and a file in the place of a task."""
    document = yaml.safe_load(documentation.replace("Given in the task", "Given in the inventory file"))
    for option in document["options"].values():
        for line in option["description"]:
            variables = re.match(r"Environment variables? E\(\w+\)(, then E\(\w+\))*\.", line)
            if variables:
                option["env"] = [{"name": name} for name in re.findall(r"E\((\w+)\)", variables.group())]
    document["notes"] = yaml.safe_load(_INVENTORY_NOTES)
    return yaml.safe_dump(document, sort_keys=False)


class ModuleDocFragment:
    """C(extends_documentation_fragment: huaweicloud.workspace.workspace)."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region, for example V(cn-north-4). It tells the addresses of the services, and the project of the same name.
      - It can be left out if O(endpoint) and a project ID are known.
      - Environment variables E(HW_REGION_NAME), then E(ANSIBLE_HWC_REGION). Then the key C(region) of the profile.
    type: str
  project_id:
    description:
      - The ID of the project whose desktops are asked for.
      - Environment variables E(HUAWEICLOUD_SDK_PROJECT_ID), then E(HW_PROJECT_ID). Then the key C(project_id) of the
        profile, then the project of the IAM token. If none of these gives one, IAM is asked for the project that is
        named like O(region).
    type: str
  access_key:
    description:
      - The access key (AK).
      - Environment variables E(HUAWEICLOUD_SDK_AK), then E(HW_ACCESS_KEY).
    type: str
  secret_key:
    description:
      - The secret key (SK) that belongs to O(access_key).
      - Environment variables E(HUAWEICLOUD_SDK_SK), then E(HW_SECRET_KEY).
    type: str
  security_token:
    description:
      - The security token that belongs to temporary keys, such as those of an agency.
      - Environment variables E(HUAWEICLOUD_SDK_SECURITY_TOKEN), then E(HW_SECURITY_TOKEN).
    type: str
  auth_token:
    description:
      - A ready IAM token (C(X-Auth-Token)), instead of keys.
      - Environment variable E(HW_AUTH_TOKEN).
    type: str
  iam_user_name:
    description:
      - The name of an IAM user. With O(iam_password) and O(iam_domain_name), IAM is asked for a token, once a call.
      - Environment variables E(HW_USER_NAME), then E(ANSIBLE_HWC_USER).
    type: str
  iam_password:
    description:
      - The password of O(iam_user_name).
      - Environment variables E(HW_USER_PASSWORD), then E(ANSIBLE_HWC_PASSWORD).
    type: str
  iam_domain_name:
    description:
      - The name of the account that O(iam_user_name) belongs to.
      - Environment variables E(HW_DOMAIN_NAME), then E(ANSIBLE_HWC_DOMAIN).
    type: str
  assume_role_agency_name:
    description:
      - The name of an agency in another account. The credentials that are found are exchanged for temporary keys of this
        agency before anything is read. Requires O(assume_role_domain_name) or O(assume_role_domain_id).
      - A project ID from the environment or the profile is not used then, as it belongs to the account that asks.
        Without O(project_id) in the task, the project named after the region is looked up in the account of the agency.
      - Environment variable E(HW_ASSUME_ROLE_AGENCY_NAME).
    type: str
  assume_role_domain_name:
    description:
      - The name of the account that owns the agency. The keys are requested from IAM (version 3).
      - An account given in the task, by name or by ID, replaces both environment variables.
      - Environment variable E(HW_ASSUME_ROLE_DOMAIN_NAME).
    type: str
  assume_role_domain_id:
    description:
      - The ID of the account that owns the agency. The keys are requested from STS (version 5), which accepts signed
        requests only, so O(auth_token) and O(iam_user_name) cannot be used with it.
      - Mutually exclusive with O(assume_role_domain_name).
      - Environment variable E(HW_ASSUME_ROLE_DOMAIN_ID).
    type: str
  assume_role_duration:
    description:
      - The lifetime of the agency's keys in seconds, V(900) to V(86400). With O(assume_role_domain_id) at most V(43200),
        and at most V(3600) if the keys that request them are temporary.
      - Keys are renewed before they expire, so a module may run longer than that.
      - Environment variable E(HW_ASSUME_ROLE_DURATION).
    type: int
    default: 3600
  sts_endpoint:
    description:
      - The address of STS, in the form of O(endpoint).
      - If left out it is C(https://sts.<region>.myhuaweicloud.com), for the European regions C(eu-west-1xx) with C(.eu).
      - Environment variable E(HUAWEICLOUD_SDK_STS_ENDPOINT).
    type: str
  ecs_metadata:
    description:
      - Whether to use the temporary keys of the agency of the ECS (Elastic Cloud Server) that the task runs on, which its
        metadata service provides. Other credentials in the task are an error then, and those in the environment are not
        used.
    type: bool
    default: false
  metadata_endpoint:
    description:
      - The address of the metadata service. It is requested without a proxy, and must answer within 3 seconds.
      - Plain http is accepted for the default address and for loopback addresses only.
    type: str
    default: http://169.254.169.254
  idp_id:
    description:
      - The ID of an OpenID Connect identity provider in IAM. With O(id_token_file), IAM is requested to exchange an ID
        token for temporary keys.
      - Environment variables E(HUAWEICLOUD_SDK_IDP_ID), then E(HW_ASSUME_ROLE_IDP_ID). Then the key C(idp_id) of the
        profile.
    type: str
  id_token_file:
    description:
      - A file with the ID token of O(idp_id). It is read again whenever the keys are renewed.
      - Environment variables E(HUAWEICLOUD_SDK_ID_TOKEN_FILE), then E(HW_ASSUME_ROLE_ID_TOKEN_FILE). Then the key
        C(id_token_file) of the profile.
    type: path
  profile:
    description:
      - The section of O(credentials_file) to use. If left out it is V(basic), or else V(basiccredentials).
      - Given in the task, the file is read and the keys in the environment are not.
      - Environment variable E(HW_PROFILE).
    type: str
  credentials_file:
    description:
      - The credentials file of the official SDKs, in INI format, with the keys C(ak), C(sk), C(security_token),
        C(project_id), C(iam_endpoint), C(idp_id), C(id_token_file), and also C(region).
      - Given in the task, the file is read and the keys in the environment are not. It has to exist then.
      - Environment variable E(HUAWEICLOUD_SDK_CREDENTIALS_FILE).
    type: path
    default: ~/.huaweicloud/credentials
  endpoint:
    description:
      - The address of the Workspace service, C(https://host[:port]). A host without scheme means https. Plain http is
        taken for a loopback address only.
      - If left out it is C(https://workspace.<region>.myhuaweicloud.com).
      - Environment variable E(HUAWEICLOUD_SDK_REGION_WORKSPACE_<REGION>), with the region in upper case and with
        underscores, for example E(HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4).
    type: str
  iam_endpoint:
    description:
      - The address of IAM, in the same form. It may end in C(/v3).
      - If left out it is C(https://iam.<region>.myhuaweicloud.com), for the European regions C(eu-west-1xx) with C(.eu).
      - Environment variables E(HUAWEICLOUD_SDK_IAM_ENDPOINT), then E(HW_AUTH_URL). Then the key C(iam_endpoint) of the
        profile.
    type: str
  validate_certs:
    description:
      - Whether to verify the certificates of the servers. Setting it to V(false) lets anybody on the way read and
        change everything.
    type: bool
    default: true
  ca_path:
    description:
      - A file of CA certificates in PEM format that the certificates of the servers are verified with.
      - If left out it is the file that E(REQUESTS_CA_BUNDLE) names, or else the trust store of the system.
    type: path
  proxy:
    description:
      - The proxy for all requests, for example V(http://proxy.example.com:3128). It may hold a user name and password.
      - If left out, the usual environment variables count, such as E(HTTPS_PROXY) and E(NO_PROXY).
        If given, they do not.
      - Plain http, which is for loopback addresses only, passes no proxy on another machine.
    type: str
  timeout:
    description:
      - Seconds for one HTTP request, connecting and receiving the whole answer together.
    type: float
    default: 30
  total_timeout:
    description:
      - Seconds for all requests of the module together, waits included. It fails at once if a wait would pass it.
    type: float
    default: 300
  max_retries:
    description:
      - How often a request is tried again after a failure that may pass, V(0) to V(10). That is a broken or missing
        answer, or HTTP status 500, 502, 503 or 504.
      - Throttling (429) does not count. The module waits for the service within O(total_timeout).
    type: int
    default: 4
  retry_max_delay:
    description:
      - The longest single wait before a further try, in seconds. A longer C(Retry-After) of the server is cut to it.
    type: float
    default: 30
  concurrency:
    description:
      - How many HTTP requests are under way at once, V(1) to V(16).
    type: int
    default: 4
requirements:
  - requests (Python library)
notes:
  - Credentials come from the first of these that gives any. The task's own options, the environment variables of the
    official SDKs (C(HUAWEICLOUD_SDK_...)), those of Terraform and of older Ansible modules (C(HW_...) and
    C(ANSIBLE_HWC_...)), the credentials file. Sources are never mixed, nor are different kinds of credentials within one source (keys, a
    token, an IAM user, O(ecs_metadata), O(idp_id) with O(id_token_file)).
  - Modules run where the task runs, which usually is C(localhost). The environment variables and files are those of
    that host.
"""

    #: C(extends_documentation_fragment: huaweicloud.workspace.workspace.inventory).
    INVENTORY = _for_inventory(DOCUMENTATION)
