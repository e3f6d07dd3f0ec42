package main

import "strings"

// kind is the JSON type of a field, in requests and answers.
type kind string

const (
	text       kind = "a string"
	boolean    kind = "true or false"
	textOrList kind = "a string or an array of strings"
)

// need says which requests must have a field.
type need int

const (
	optional need = iota
	atCreation
	always // the OAuth strategies require grantType and url also in an update
)

type field struct {
	name   string
	kind   kind
	need   need
	secret bool
	only   string // the only allowed value; empty if there are several
}

// flag returns the name of the boolean that stands in answers in place of the secret.
func (f field) flag() string {
	return "has" + strings.ToUpper(f.name[:1]) + f.name[1:]
}

var oauthFields = []field{
	{name: "grantType", kind: text, need: always, only: "client_credentials"},
	{name: "url", kind: text, need: always},
	{name: "username", kind: text},
	{name: "password", kind: text, secret: true},
	{name: "clientId", kind: text},
	{name: "clientSecret", kind: text, secret: true},
	{name: "grantTypeName", kind: text},
	{name: "clientIdName", kind: text},
	{name: "clientSecretName", kind: text},
	{name: "refreshTokenName", kind: text},
	{name: "accessTokenName", kind: text},
	{name: "expiresFieldName", kind: text},
	{name: "refreshGrantType", kind: text},
	{name: "audience", kind: text},
	{name: "scopes", kind: text},
	{name: "contentType", kind: text},
	{name: "resource", kind: text},
	{name: "customFieldName", kind: text},
	{name: "customFieldValue", kind: text},
	// The contract makes these two strings, although one looks like a boolean and the other like a number.
	{name: "noBasic", kind: text},
	{name: "defaultExpirationSeconds", kind: text},
	{name: "basicNoForm", kind: boolean},
}

const defaultStrategy = "OAuth_2.0_2-legged"

// strategies maps the name of each strategy to its fields.
var strategies = map[string][]field{
	defaultStrategy: oauthFields,
	"SMART_Backend": oauthFields,
	"AwsSigv4": {
		{name: "accessKey", kind: text, need: atCreation},
		{name: "secretKey", kind: text, need: atCreation, secret: true},
		{name: "serviceName", kind: text, need: atCreation},
		{name: "awsRegion", kind: text, need: atCreation},
		{name: "sessionToken", kind: text, secret: true},
	},
	"GoogleWIF": {
		{name: "audience", kind: text, need: atCreation},
		{name: "token_url", kind: text, need: atCreation},
		{name: "delegates", kind: textOrList},
		{name: "scope", kind: textOrList},
		{name: "sts_scope", kind: text},
		{name: "lifetime", kind: text},
		{name: "options", kind: text},
		{name: "service_account_impersonation_url", kind: text},
	},
}

// describeStrategies returns the payload that lists the strategies with the names of their fields.
func describeStrategies(offered map[string][]field) object {
	described := object{}
	for name, fields := range offered {
		var available []string
		for _, each := range fields {
			available = append(available, each.name)
		}
		described[name] = object{"availableFields": available}
	}
	return object{"strategies": described}
}
