// Files walks directories and reads and writes files under /tmp.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func must(err error) {
	if err != nil {
		fmt.Println("files:", err)
		os.Exit(1)
	}
}

func check(good bool, what string) {
	if !good {
		fmt.Println("files: wrong:", what)
		os.Exit(1)
	}
}

func main() {
	root, err := os.MkdirTemp("", "files")
	must(err)
	want := []string{}
	for i := 0; i < 20; i++ {
		dir := filepath.Join(root, fmt.Sprint("d", i%4), fmt.Sprint("e", i))
		must(os.MkdirAll(dir, 0777))
		name := filepath.Join(dir, "data")
		must(os.WriteFile(name, bytes.Repeat([]byte{byte(i)}, 1000*i), 0666))
		want = append(want, name)
	}
	got := []string{}
	must(filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			got = append(got, path)
		}
		return err
	}))
	sort.Strings(want)
	check(strings.Join(got, "\n") == strings.Join(want, "\n"), "the walk")
	for _, name := range got {
		b, err := os.ReadFile(name)
		must(err)
		fi, err := os.Stat(name)
		must(err)
		check(int64(len(b)) == fi.Size(), "a size")
	}
	name := want[0]
	f, err := os.OpenFile(name, os.O_RDWR|os.O_TRUNC, 0)
	must(err)
	_, err = f.WriteAt([]byte("world"), 100000)
	must(err)
	_, err = f.WriteAt([]byte("hello"), 0)
	must(err)
	_, err = f.Seek(99998, io.SeekStart)
	must(err)
	b, err := io.ReadAll(f)
	must(err)
	check(string(b) == "\x00\x00world", "a hole")
	must(f.Close())
	must(os.Rename(name, filepath.Join(filepath.Dir(name), "renamed")))
	_, err = os.Stat(name)
	check(os.IsNotExist(err), "the old name is gone")
	_, err = os.OpenFile(filepath.Join(filepath.Dir(name), "renamed"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0666)
	check(os.IsExist(err), "O_EXCL")
	must(os.RemoveAll(root))
	_, err = os.Stat(root)
	check(os.IsNotExist(err), "the tree is gone")
	wd, err := os.Getwd()
	must(err)
	must(os.Chdir("/lib"))
	now, err := os.Getwd()
	must(err)
	check(now == "/lib", "chdir, was in "+wd)
	fmt.Println("files: ok")
}
