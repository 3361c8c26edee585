// Unpack writes the directories and files of a tar archive: unpack DIRECTORY ARCHIVE.
// The tests of the standard library want their files on a file server, as on any Plan 9
// system, and the boot archive's device is none.
package main

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func entry(dir string, header *tar.Header, content io.Reader) error {
	name := filepath.Join(dir, header.Name)
	if header.Typeflag == tar.TypeDir {
		return os.MkdirAll(name, 0o775)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o775); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, header.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, content); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func unpack(dir, archive string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		header, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := entry(dir, header, r); err != nil {
			return err
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: unpack DIRECTORY ARCHIVE")
		os.Exit(2)
	}
	if err := unpack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "unpack:", err)
		os.Exit(1)
	}
}
