package oauth

// errorMembers are the members of an answer that hold an error code, of OAuth and of servers with names of their own.
var errorMembers = []string{"error", "errorCode", "ErrorCode", "code"}

// codeIn returns the known error code of an answer; empty if there is none.
func codeIn(members map[string]any) string {
	for _, name := range errorMembers {
		if code, isText := members[name].(string); isText && knownCodes[code] {
			return code
		}
	}
	return ""
}

// knownCodes are the error codes of OAuth and its extensions, and those of widespread servers. They are the only text of an
// answer that is repeated.
var knownCodes = setOf(
	// RFC 6749, sections 4.1.2.1 and 5.2
	invalidRequest, invalidClient, invalidGrant, "unauthorized_client", unsupportedGrant, invalidScope,
	"access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable",
	// RFC 6750, 7009, 8628, 8705, 8707, 9396, 9449, 9470
	"invalid_token", "insufficient_scope", "unsupported_token_type", "authorization_pending", "slow_down", "expired_token",
	invalidTarget, "invalid_authorization_details", "use_dpop_nonce", "invalid_dpop_proof", "insufficient_user_authentication",
	// OpenID Connect
	"interaction_required", "login_required", "account_selection_required", "consent_required", "invalid_request_uri",
	"invalid_request_object", "request_not_supported", "request_uri_not_supported", "registration_not_supported",
	// servers with codes of their own
	"invalid_client_id", "invalid_client_credentials", "invalid_client_secret", "invalid_assertion", "invalid_app_access", "inactive_user",
	"inactive_org", "rate_limit_exceeded", "too_many_requests", "too_many_attempts", "mfa_required", "invalid_resource", "invalid_audience",
	"invalid_user", "invalid_user_password", "password_expired", "account_locked", "user_disabled", "org_disabled", "not_allowed",
	"unknown_error", "internal_error", "internal_server_error", "not_found", "forbidden", "unauthorized", "unsupported_media_type",
	"InvalidClientIdentifier", "InvalidClient", "InvalidRequest", "InvalidGrant", "InvalidScope", "AccessDenied", "UnauthorizedClient",
	"E0000001", "E0000003", "E0000004", "E0000006", "E0000007", "E0000009", "E0000011", "E0000015", "E0000021", "E0000022", "E0000047",
)

func setOf(texts ...string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[text] = true
	}
	return set
}
