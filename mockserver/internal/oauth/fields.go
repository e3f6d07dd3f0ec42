package oauth

// This file is the one place of the mock that knows fields of a credential by name. A document can say what a field is
// called and what type it has, and not what a platform does with it when it asks for a token. What is said here is this
// project's reading of the descriptions of the fields; docs/how-to/token-request.md shows it.

// tokenParameter is a parameter of a token request and the fields that it comes from.
type tokenParameter struct {
	value string // the field that holds the value
	name  string // the field that holds the parameter's name; may be empty
	usual string // the name where no field gives one; empty for a parameter that is then left out
	part  tokenPart
}

// tokenPart tells when a parameter is sent.
type tokenPart int

const (
	always     tokenPart = iota
	aGrant               // what is granted: another one when a token is refreshed
	anIdentity           // who asks: not in the body where the credential says so
	aUser                // on whose behalf: not when a token is refreshed
)

// tokenParameters stand in the order in which they are sent.
var tokenParameters = []tokenParameter{
	{value: "grantType", name: "grantTypeName", usual: "grant_type", part: aGrant},
	{value: fieldClientID, name: "clientIdName", usual: "client_id", part: anIdentity},
	{value: fieldClientSecret, name: "clientSecretName", usual: "client_secret", part: anIdentity},
	{value: "username", usual: "username", part: aUser},
	{value: "password", usual: "password", part: aUser},
	{value: "scopes", usual: "scope"},
	{value: "audience", usual: "audience"},
	{value: "resource", usual: "resource"},
	{value: fieldCustomValue, name: fieldCustomName},
}

// The fields that say how the request is made.
const (
	fieldURL          = "url"
	fieldClientID     = "clientId"
	fieldClientSecret = "clientSecret"
	fieldContentType  = "contentType"
	fieldCustomName   = "customFieldName"
	fieldCustomValue  = "customFieldValue"
	fieldNoBasic      = "noBasic"     // no Authorization header
	fieldBasicNoForm  = "basicNoForm" // no identity in the body
)

// The fields about a refresh, and what they are where they are left out.
const (
	fieldRefreshGrant = "refreshGrantType"
	fieldRefreshName  = "refreshTokenName"
	usualRefresh      = "refresh_token"
)

// The fields that say how the answer is read, and what they are where they are left out.
const (
	fieldAccessName  = "accessTokenName"
	usualAccess      = "access_token"
	fieldExpiresName = "expiresFieldName"
	usualExpires     = "expires_in"
	fieldLife        = "defaultExpirationSeconds"
)
