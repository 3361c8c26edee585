// A small module of three packages, one with assembly: what `go build` in the guest compiles.
package main

import (
	"fmt"
	"os"

	"lux9.test/module/greet"
	"lux9.test/module/mix"
)

func main() {
	if got := mix.Add(40, 2); got != 42 {
		fmt.Fprintln(os.Stderr, "mix.Add(40, 2) is", got)
		os.Exit(1)
	}
	fmt.Println(greet.To("the guest"))
}
