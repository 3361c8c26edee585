package greet

import "testing"

func TestTo(t *testing.T) {
	if got := To(" them "); got != "compiled by them" {
		t.Errorf("To: %q", got)
	}
}
