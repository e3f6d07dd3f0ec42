package main

import (
	"maps"
	"time"
)

// object is a JSON object.
type object = map[string]any

// credential is one that is stored. Its values are never changed in place, so that a copy can be read without a lock.
type credential struct {
	id           string
	name         string
	environment  string
	organization int
	strategy     string
	created      time.Time
	updated      time.Time
	values       object // by field name, secrets included
}

func (c credential) belongsTo(who account) bool { return c.organization == who.organization }

// summary is what a list shows of a credential: nothing of its strategy's fields.
func (c credential) summary() object {
	return object{
		"id":            c.id,
		"name":          c.name,
		"environmentId": c.environment,
		"organization":  c.organization,
		"authStrategy":  c.strategy,
		"createdAt":     stamp(c.created),
		"updatedAt":     stamp(c.updated),
	}
}

// shown is the whole credential as a client may see it: for each secret only whether there is one.
func (c credential) shown() object {
	shown := c.summary()
	for _, each := range strategies[c.strategy] {
		if each.secret {
			secret, _ := c.values[each.name].(string)
			shown[each.flag()] = secret != ""
			continue
		}
		shown[each.name] = c.values[each.name] // null when it was never set
	}
	shown["_links"] = object{"self": object{"href": base + "/authcredentials/" + c.id}}
	return shown
}

// with returns the credential as a request changes it; a null removes a value.
func (c credential) with(changes object) credential {
	c.values = maps.Clone(c.values)
	if c.values == nil {
		c.values = object{}
	}
	if name, given := changes["name"].(string); given {
		c.name = name
	}
	for _, each := range strategies[c.strategy] {
		value, given := changes[each.name]
		switch {
		case given && value == nil:
			delete(c.values, each.name)
		case given:
			c.values[each.name] = value
		}
	}
	return c
}

// stamp writes a time to the nanosecond, with the office's offset.
func stamp(moment time.Time) string {
	return moment.In(time.FixedZone("office", 2*60*60)).Format(time.RFC3339Nano)
}
