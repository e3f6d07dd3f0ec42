package oauth

// Only this file of the mock has the names of a credential's fields. A document defines the name and type of a field, but not
// how a platform uses it in a token request. The use here is this project's reading of the field descriptions;
// docs/how-to/token-request.md shows it.

// tokenParameter is a parameter of a token request and the fields that define it.
type tokenParameter struct {
	value string // field of the value
	name  string // field of the parameter's name; may be empty
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
	{value: fieldGrantType, name: "grantTypeName", usual: "grant_type", part: aGrant, code: unsupportedGrant},
	{value: fieldClientID, name: "clientIdName", usual: "client_id", part: anIdentity, code: invalidClient},
	{value: fieldClientSecret, name: "clientSecretName", usual: "client_secret", part: anIdentity, code: invalidClient},
	{value: fieldUsername, usual: "username", part: aUser},
	{value: fieldPassword, usual: "password", part: aUser},
	{value: fieldScopes, usual: "scope", code: invalidScope},
	{value: "audience", usual: "audience", code: invalidTarget},
	{value: "resource", usual: "resource", code: invalidTarget},
	{value: fieldCustomValue, name: fieldCustomName},
}

// The fields that define the form of the request.
const (
	fieldURL          = "url"
	fieldGrantType    = "grantType"
	fieldUsername     = "username"
	fieldPassword     = "password"
	fieldScopes       = "scopes"
	fieldClientID     = "clientId"
	fieldClientSecret = "clientSecret"
	fieldContentType  = "contentType"
	fieldCustomName   = "customFieldName"
	fieldCustomValue  = "customFieldValue"
	fieldNoBasic      = "noBasic"     // omits the Authorization header
	fieldBasicNoForm  = "basicNoForm" // omits the client's identity from the body
)

// The fields of a refresh and their defaults.
const (
	fieldRefreshGrant = "refreshGrantType"
	fieldRefreshName  = "refreshTokenName"
	usualRefresh      = "refresh_token"
)

// The fields that define how the answer is read, and their defaults.
const (
	fieldAccessName  = "accessTokenName"
	usualAccess      = "access_token"
	fieldExpiresName = "expiresFieldName"
	usualExpires     = "expires_in"
	fieldLife        = "defaultExpirationSeconds"
)
