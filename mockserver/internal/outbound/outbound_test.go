package outbound

import (
	"errors"
	"net"
	"testing"
)

// An allowed host reaches no metadata, link-local or invalid address, in any notation.
func TestOutboundAddresses(t *testing.T) {
	for _, row := range []struct {
		address         string
		denied, allowed error // for a host that is not allowed, and for one that is
	}{
		{"127.0.0.1", nil, nil}, {"127.8.9.1", nil, nil}, {"::1", nil, nil}, {"::ffff:127.0.0.1", nil, nil},
		{"192.0.2.7", errOutbound, nil}, {"10.0.0.7", errOutbound, nil}, {"2001:db8::7", errOutbound, nil}, {"fd12:3456::1", errOutbound, nil},
		{"64:ff9b::c000:207", errOutbound, nil}, {"::ffff:192.0.2.7", errOutbound, nil},
		{"169.254.169.254", errNeverOutbound, errNeverOutbound}, {"169.254.0.1", errNeverOutbound, errNeverOutbound},
		{"::ffff:169.254.169.254", errNeverOutbound, errNeverOutbound},
		{"64:ff9b::a9fe:a9fe", errNeverOutbound, errNeverOutbound}, {"64:ff9b:1::a9fe:a9fe", errNeverOutbound, errNeverOutbound},
		{"2002:a9fe:a9fe::1", errNeverOutbound, errNeverOutbound},
		{"::ffff:0:169.254.169.254", errNeverOutbound, errNeverOutbound}, {"::169.254.169.254", errNeverOutbound, errNeverOutbound},
		{"64:ff9b::7f00:1", errNeverOutbound, errNeverOutbound}, {"2002:7f00:1::", errNeverOutbound, errNeverOutbound},
		{"fd00:ec2::254", errNeverOutbound, errNeverOutbound}, {"fd00:ec2::23", errNeverOutbound, errNeverOutbound},
		{"fd20:ce::254", errNeverOutbound, errNeverOutbound},
		{"fe80::1", errNeverOutbound, errNeverOutbound}, {"fe80::1%eth0", errNeverOutbound, errNeverOutbound},
		{"fec0::1", errNeverOutbound, errNeverOutbound},
		{"100.100.100.200", errNeverOutbound, errNeverOutbound}, {"168.63.129.16", errNeverOutbound, errNeverOutbound},
		{"192.0.0.192", errNeverOutbound, errNeverOutbound},
		{"0.0.0.0", errNeverOutbound, errNeverOutbound}, {"0.1.2.3", errNeverOutbound, errNeverOutbound},
		{"::", errNeverOutbound, errNeverOutbound}, {"::ffff:0.0.0.0", errNeverOutbound, errNeverOutbound},
		{"224.0.0.1", errNeverOutbound, errNeverOutbound}, {"255.255.255.255", errNeverOutbound, errNeverOutbound},
		{"ff02::1", errNeverOutbound, errNeverOutbound},
	} {
		for allowed, want := range map[bool]error{false: row.denied, true: row.allowed} {
			if got := checkOutbound(net.JoinHostPort(row.address, "80"), allowed); !errors.Is(got, want) {
				t.Errorf("%s, allowed %t: %v, want %v", row.address, allowed, got, want)
			}
		}
	}
	if got := checkOutbound("a name:80", true); !errors.Is(got, errOutbound) {
		t.Errorf("invalid address: %v", got)
	}
}
