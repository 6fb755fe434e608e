# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shared options and requirements of all modules and inventory plugins of the collection."""

from __future__ import annotations

import yaml
from ansible_collections.huaweicloud.workspace.plugins.module_utils._identity.options import OPTIONS

_INVENTORY_NOTES = """
- Credentials are taken from the first of these sources that has any. The inventory file, the environment variables of the official
  SDKs (C(HUAWEICLOUD_SDK_...)), those of Terraform and of older Ansible modules (C(HW_...) and C(ANSIBLE_HWC_...)), the
  credentials file. Sources are never mixed, nor are keys, token and user within one source.
- Values in the inventory file can be templates, for example with lookups or with variables of the command line. Values
  of environment variables are not templated.
- Inventory plugins run on the control node or in the execution environment, and use its Python libraries, environment
  variables and files.
- If an inventory cannot be read, Ansible only shows a warning and continues without it. To make this an error, set
  E(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true).
"""


def _for_inventory(documentation: str) -> str:
    """Convert the documentation for inventory plugins: add `env`, and refer to the inventory file instead of the task."""
    document = yaml.safe_load(documentation.replace("in the task", "in the inventory file"))
    for name, option in document["options"].items():
        if OPTIONS[name].variables:
            option["env"] = [{"name": variable} for variable in OPTIONS[name].variables]
    document["notes"] = yaml.safe_load(_INVENTORY_NOTES)
    return yaml.safe_dump(document, sort_keys=False)


class ModuleDocFragment:
    """`extends_documentation_fragment: huaweicloud.workspace.workspace`."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region, for example V(cn-north-4). The default endpoints and the default project are those of the region.
      - Not required if O(endpoint) and a project ID are set.
      - Environment variables E(HW_REGION_NAME), then E(ANSIBLE_HWC_REGION). Then the key C(region) of the profile.
    type: str
  project_id:
    description:
      - The ID of the project to query.
      - Environment variables E(HUAWEICLOUD_SDK_PROJECT_ID), then E(HW_PROJECT_ID). Then the key C(project_id) of the
        profile.
      - If none of these is set, the project is looked up in IAM by its name. The name is that of the environment
        variables E(HW_PROJECT_NAME), then E(ANSIBLE_HWC_PROJECT), or else that of O(region).
        If O(region) is set in the task, a name that begins with another region is ignored.
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
      - An IAM token (C(X-Auth-Token)), as an alternative to keys.
      - Environment variable E(HW_AUTH_TOKEN).
    type: str
  iam_user_name:
    description:
      - The name of an IAM user. With O(iam_password) and O(iam_domain_name), a token is requested from IAM for each module
        call.
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
        agency first. Requires O(assume_role_domain_name) or O(assume_role_domain_id).
      - A project ID from the environment or the profile is then ignored, since it belongs to the other account.
        Without O(project_id) in the task, the project is looked up by its name in the account of the agency.
      - Environment variable E(HW_ASSUME_ROLE_AGENCY_NAME).
    type: str
  assume_role_domain_name:
    description:
      - The name of the account that owns the agency. The keys are requested from IAM (version 3).
      - An account that is set in the task, by name or by ID, replaces both environment variables.
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
      - Keys are renewed before they expire, so a task can run longer.
      - Environment variable E(HW_ASSUME_ROLE_DURATION).
    type: int
    default: 3600
  sts_endpoint:
    description:
      - The endpoint of STS, in the same format as O(endpoint).
      - The default is C(https://sts.<region>.myhuaweicloud.com), for the European regions C(eu-west-1xx) with C(.eu).
      - Environment variable E(HUAWEICLOUD_SDK_STS_ENDPOINT).
    type: str
  ecs_metadata:
    description: Whether to use the temporary keys of the agency of the ECS (Elastic Cloud Server) on which this runs,
      from its metadata service. It cannot be combined with other credentials in the task, and those in the environment
      are ignored.
    type: bool
    default: false
  metadata_endpoint:
    description:
      - The endpoint of the metadata service. It is always accessed without a proxy, with a timeout of 3 seconds.
      - Plain http is only accepted for the default address and for loopback addresses.
    type: str
    default: http://169.254.169.254
  idp_id:
    description:
      - The ID of an OpenID Connect identity provider in IAM. With O(id_token_file), an ID token
        is exchanged at IAM for temporary keys.
      - Environment variables E(HUAWEICLOUD_SDK_IDP_ID), then E(HW_ASSUME_ROLE_IDP_ID). Then the key C(idp_id) of the
        profile.
    type: str
  id_token_file:
    description:
      - The path of a file with an ID token of O(idp_id). It is read again whenever the keys are renewed.
      - Environment variables E(HUAWEICLOUD_SDK_ID_TOKEN_FILE), then E(HW_ASSUME_ROLE_ID_TOKEN_FILE). Then the key
        C(id_token_file) of the profile.
    type: path
  profile:
    description:
      - The section of O(credentials_file) to use. The default is V(basic), or V(basiccredentials) if there is no such
        section.
      - If this is set in the task, credentials in the environment are ignored, and C(region), C(project_id) and
        C(iam_endpoint) of the profile take precedence over the environment.
      - Environment variable E(HW_PROFILE).
    type: str
  credentials_file:
    description:
      - The credentials file of the official SDKs, in INI format, with the keys C(ak), C(sk), C(security_token),
        C(project_id), C(iam_endpoint), C(idp_id), C(id_token_file), and also C(region).
      - If this is set in the task, it has the same effect as O(profile), and the file must exist.
      - Environment variable E(HUAWEICLOUD_SDK_CREDENTIALS_FILE).
    type: path
    default: ~/.huaweicloud/credentials
  endpoint:
    description:
      - The endpoint of the Workspace service, in the format C(https://host[:port]). The scheme is optional. Plain http
        is only accepted for a loopback address.
      - The default is C(https://workspace.<region>.myhuaweicloud.com).
      - Environment variable E(HUAWEICLOUD_SDK_REGION_WORKSPACE_<REGION>), with the region in upper case and with
        underscores, for example E(HUAWEICLOUD_SDK_REGION_WORKSPACE_CN_NORTH_4).
    type: str
  iam_endpoint:
    description:
      - The endpoint of IAM, in the same format as O(endpoint). A trailing C(/v3) is accepted.
      - The default is C(https://iam.<region>.myhuaweicloud.com), for the European regions C(eu-west-1xx) with C(.eu).
      - Environment variables E(HUAWEICLOUD_SDK_IAM_ENDPOINT), then E(HW_AUTH_URL), then
        E(ANSIBLE_HWC_IDENTITY_ENDPOINT). Then the key C(iam_endpoint) of the profile.
    type: str
  validate_certs:
    description: Whether to verify the certificates of the servers. With V(false), anybody on the network path can read
      and change the traffic.
    type: bool
    default: true
  ca_path:
    description:
      - The path of a PEM file with the CA certificates to verify the servers with.
      - The default is the file that E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE) points to, or else the trust store of the
        system.
    type: path
  proxy:
    description:
      - The proxy for all requests, for example V(http://proxy.example.com:3128). It can contain a user name and password.
      - If not set, environment variables such as E(HTTPS_PROXY) and E(NO_PROXY) are used. If set, they are ignored.
      - An endpoint with plain http, which must be a loopback address, cannot be reached through a proxy on another
        machine.
    type: str
  timeout:
    description: The timeout of a single HTTP request in seconds, from connecting to receiving the complete response.
    type: float
    default: 30
  total_timeout:
    description: The timeout of all requests of a call together in seconds, including waits. The call fails immediately
      if the next wait would exceed it.
    type: float
    default: 300
  max_retries:
    description:
      - Number of retries of a request after a transient failure, V(0) to V(10). Transient failures are an incomplete or
        missing response, and the HTTP status 500, 502, 503 and 504.
      - Throttling (429) does not count as a failure. The module waits until the service accepts requests again, within
        O(total_timeout).
    type: int
    default: 4
  retry_max_delay:
    description: The longest wait before a retry after a transient failure, in seconds. A longer C(Retry-After) of the
      server is reduced to it.
    type: float
    default: 30
  concurrency:
    description: The maximum number of simultaneous HTTP requests, V(1) to V(16).
    type: int
    default: 4
requirements:
  - requests (Python library), 2.25.1 or newer, except 2.32.0 to 2.32.2
notes:
  - Credentials are taken from the first of these sources that has any. The options of the task, the environment variables
    of the official SDKs (C(HUAWEICLOUD_SDK_...)), those of Terraform and of older Ansible modules (C(HW_...) and
    C(ANSIBLE_HWC_...)), the credentials file. Sources are never mixed, nor are different kinds of credentials within one
    source (keys, a token, an IAM user, O(ecs_metadata), O(idp_id) with O(id_token_file)).
  - Modules run on the target host of the task, usually C(localhost). Environment variables and files are those of that
    host.
  - A failed task also returns the
    R(return values on failure,ansible_collections.huaweicloud.workspace.docsite.guide_troubleshooting).
"""

    #: `extends_documentation_fragment: huaweicloud.workspace.workspace.inventory`.
    # With a type annotation, because ansible-test parses plain assignments as literal documentation.
    INVENTORY: str = _for_inventory(DOCUMENTATION)
