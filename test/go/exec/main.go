// Exec runs /bin/ls through os/exec, reads its output, and sees how programs end.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

func fail(v ...interface{}) {
	fmt.Println(v...)
	os.Exit(1)
}

func main() {
	out, err := exec.Command("/bin/ls", "/lib").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "/lib/namespace\n") {
		fail("ls:", err, string(out))
	}
	cat := exec.Command("/bin/cat")
	cat.Stdin = strings.NewReader(strings.Repeat("line of text\n", 10000))
	out, err = cat.Output()
	if err != nil || len(out) != 130000 {
		fail("cat:", err, len(out))
	}
	err = exec.Command("/bin/rc", "-c", "exit seven").Run()
	if err == nil || !strings.Contains(err.Error(), "seven") {
		fail("exit status:", err)
	}
	cmd := exec.Command("/bin/rc", "-c", "echo $x")
	cmd.Env = []string{"x=from Go", "path=/bin"}
	out, err = cmd.Output()
	if err != nil || string(out) != "from Go\n" {
		fail("environment:", err, string(out))
	}
	if err = exec.Command("/bin/nosuch").Run(); err == nil {
		fail("a missing program ran")
	}
	fmt.Println("exec: ok")
}
