# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The metadata service of an ECS: the temporary keys of its agency, and the name of the agency.

Sources: "Obtaining ECS Details Using Metadata" of the ECS user guide; the SDK for the variant that requires tokens.
"""

from __future__ import annotations

import typing as t

from .._http import errors
from . import credentials, temporary_keys

if t.TYPE_CHECKING:
    from .._http import transport
    from .._http.client import Client
    from .._http.secrets import Secrets

_SECONDS = 3.0
_TOKEN_SECONDS = 300
_LONGEST_TOKEN = 8192
#: On an ECS without an agency the service says: Please configure Cloud Service Agency first.
_NO_AGENCY = b"agency"


class MetadataService:
    """Sends each request once, without a proxy. Responses are secret and never part of a message.

    @param endpoint: of the service, `scheme://host[:port]`.
    @param secrets: receives its tokens and the keys.
    """

    def __init__(self, client: Client, endpoint: str, secrets: Secrets) -> None:
        self._client = client
        self._endpoint = endpoint
        self._secrets = secrets

    def keys(self) -> temporary_keys.Issued:
        """The keys of the agency of this ECS.

        @raises WorkspaceError: this is not an ECS, it has no agency, or the service returns no keys.
        """
        response = self._get("securitykey")
        if response.status == 401 and _NO_AGENCY in response.body.lower():
            why = "has no keys because this ECS has no agency: assign one to the ECS, or set other credentials."
            raise self._wrong(why, 401)
        keys = temporary_keys.read_keys(self._document(response, "keys"), response.headers.get("Date"), self._secrets)
        if keys is None:
            raise self._wrong("returned no temporary keys: check metadata_endpoint.", 200)
        return keys

    def agency(self) -> str:
        """Identifies the agency of this ECS by its name and project, or an ECS without an agency by its ID.

        @raises WorkspaceError: this is not an ECS, or the service does not identify it.
        """
        document = self._document(self._get("meta_data.json"), "metadata")
        about = document if isinstance(document, dict) else {}
        # Metadata set at creation or later, including the agency.
        given = about.get("meta")
        name = given.get("agency_name") if isinstance(given, dict) else None
        if name:
            return f"agency {name} of an ECS in project {about.get('project_id')}"
        if not about.get("uuid"):
            raise self._wrong("returned no metadata: check metadata_endpoint.", 200)
        return f"ECS {about['uuid']}"

    def _wrong(self, why: str, status: int | None = None) -> errors.WorkspaceError:
        text = f"ecs_metadata: the metadata service at {self._endpoint} {why}"
        return errors.WorkspaceError(text, status_code=status, attempts=1)

    def _document(self, response: transport.RawResponse, wanted: str) -> t.Any:
        if response.status != 200:
            raise self._wrong(
                f"returned HTTP {response.status} instead of {wanted}: check metadata_endpoint, and that this ECS has the"
                " service enabled.",
                response.status,
            )
        return errors.parsed(response.body)

    def _get(self, name: str) -> transport.RawResponse:
        response = self._get_with_token(name)
        if response.status == 401 and _NO_AGENCY not in response.body.lower():
            response = self._get_with_token(name)  # With a new token, as in the SDK.
        return response

    def _get_with_token(self, name: str) -> transport.RawResponse:
        lifetime = {"X-Metadata-Token-Ttl-Seconds": str(_TOKEN_SECONDS)}
        response = self._send("PUT", "meta-data/latest/api/token", lifetime)
        headers = {}
        if response.status == 200:
            token = response.body.decode("utf-8", "replace").strip()
            if not token or not credentials.fits_in_header(token) or len(token) > _LONGEST_TOKEN:
                raise self._wrong("returned an invalid token: check metadata_endpoint.", 200)
            self._secrets.add(token)
            headers = {"X-Metadata-Token": token}
        elif response.status not in (404, 405, 503):  # These say that the service works without tokens.
            why = f"rejected the request for a token (HTTP {response.status}): check metadata_endpoint."
            raise self._wrong(why, response.status)
        return self._send("GET", f"openstack/latest/{name}", headers)

    def _send(self, method: str, path: str, headers: dict[str, str]) -> transport.RawResponse:
        headers = {"Accept": "*/*", **headers}
        try:
            url = f"{self._endpoint}/{path}"
            return self._client.request_directly(method, url, headers=headers, timeout=_SECONDS)
        except errors.WorkspaceError as error:
            if error.facts["attempts"] is None:
                raise  # No time was left for the request.
            raise self._wrong(
                f"did not respond within {_SECONDS:g} s. It exists on an ECS only: run the task on an ECS, or set other"
                " credentials."
            ) from None
