package main

import (
	"maps"
	"time"
)

// object is a JSON object.
type object = map[string]any

// credential is a stored credential. Its values never change in place, so a copy can be read without a lock.
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

// summary returns the metadata that a list shows, without the fields of the strategy.
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

// shown returns the whole credential for a client, with a flag in place of each secret.
func (c credential) shown() object {
	shown := c.summary()
	for _, each := range strategies[c.strategy] {
		if each.secret {
			secret, _ := c.values[each.name].(string)
			shown[each.flag()] = secret != ""
			continue
		}
		shown[each.name] = c.values[each.name] // null if it was never set
	}
	shown["_links"] = object{"self": object{"href": base + "/authcredentials/" + c.id}}
	return shown
}

// with returns a copy of the credential with the changes of a body. A null removes a value.
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

// stamp formats a time with nanoseconds and with an offset of two hours. The contract allows both.
func stamp(moment time.Time) string {
	return moment.In(time.FixedZone("office", 2*60*60)).Format(time.RFC3339Nano)
}
