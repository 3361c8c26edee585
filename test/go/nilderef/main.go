// Nilderef recovers from a nil dereference, then from a division by zero and a bad index.
package main

import (
	"fmt"
	"os"
	"strings"
)

type node struct{ next *node }

func try(what string, f func()) {
	defer func() {
		r := fmt.Sprint(recover())
		if !strings.Contains(r, what) {
			fmt.Println("recovered", r, "instead of", what)
			os.Exit(1)
		}
	}()
	f()
	fmt.Println("no panic for", what)
	os.Exit(1)
}

func main() {
	var n *node
	zero, list := 0, []int{1}
	for i := 0; i < 100; i++ {
		try("nil pointer", func() { fmt.Println(n.next) })
		try("nil pointer", func() { n.next = n })
		try("divide by zero", func() { fmt.Println(1 / zero) })
		try("out of range", func() { fmt.Println(list[zero+5]) })
	}
	fmt.Println("nilderef: ok")
}
