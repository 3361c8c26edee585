// Package mix has a function in assembly.
package mix

// Add adds.
func Add(a, b int64) int64
