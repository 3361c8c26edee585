// Package greet makes greetings.
package greet

import "strings"

// To greets somebody.
func To(whom string) string {
	return "compiled by " + strings.TrimSpace(whom)
}
