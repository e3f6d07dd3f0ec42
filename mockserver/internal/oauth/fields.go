package oauth

// A document says with x-request-role which field has which role in a request. How a platform uses a role in a token request is
// this project's reading of the field descriptions; docs/how-to/token-request.md shows it.

// tokenParameter is a parameter of a token request and the roles of the fields that define it.
type tokenParameter struct {
	value string // role of the value's field
	name  string // role of the field with the parameter's name; may be empty
	usual string // default name; if empty, the parameter is omitted
	part  tokenPart
	code  string // error code of OAuth if the value is another one; empty for invalid_request
}

// tokenPart says in which requests a parameter is sent.
type tokenPart int

const (
	always     tokenPart = iota
	aGrant               // the grant: differs in a refresh
	anIdentity           // the client: omitted from the body on request
	aUser                // the user: omitted from a refresh
)

// tokenParameters are in the order in which they are sent.
var tokenParameters = []tokenParameter{
	{value: roleGrantType, name: roleGrantTypeName, usual: "grant_type", part: aGrant, code: unsupportedGrant},
	{value: roleClientID, name: roleClientIDName, usual: "client_id", part: anIdentity, code: invalidClient},
	{value: roleClientSecret, name: roleClientSecretName, usual: "client_secret", part: anIdentity, code: invalidClient},
	{value: roleUsername, usual: "username", part: aUser},
	{value: rolePassword, usual: "password", part: aUser},
	{value: roleScopes, usual: "scope", code: invalidScope},
	{value: roleAudience, usual: "audience", code: invalidTarget},
	{value: roleResource, usual: "resource", code: invalidTarget},
	{value: roleCustomValue, name: roleCustomName},
}

// The roles that define the form of the request.
const (
	roleURL              = "token-url"
	roleGrantTypeName    = "grant-type-name"
	roleClientIDName     = "client-id-name"
	roleClientSecretName = "client-secret-name"
	roleAudience         = "audience"
	roleResource         = "resource"
	roleGrantType        = "grant-type"
	roleUsername         = "username"
	rolePassword         = "password"
	roleScopes           = "scope"
	roleClientID         = "client-id"
	roleClientSecret     = "client-secret"
	roleContentType      = "content-type"
	roleCustomName       = "custom-name"
	roleCustomValue      = "custom-value"
	roleNoBasic          = "no-basic"      // omits the Authorization header
	roleBasicNoForm      = "basic-no-form" // omits the client's identity from the body
)

// The roles of a refresh and their defaults.
const (
	roleRefreshGrant = "refresh-grant-type"
	roleRefreshName  = "refresh-token-name"
	usualRefresh     = "refresh_token"
)

// The roles that define how the answer is read, and their defaults.
const (
	roleAccessName  = "access-token-name"
	usualAccess     = "access_token"
	roleExpiresName = "expires-name"
	usualExpires    = "expires_in"
	roleLife        = "default-life"
)
