// Command bare is the least that shows an identity: one GET with net/http,
// decoded and printed. The benchmark runs kratos-agent beside it.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	if err := show(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(endpoint, id string) error {
	response, err := http.Get(endpoint + "/admin/identities/" + id)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var identity map[string]any
	if err := json.NewDecoder(response.Body).Decode(&identity); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(identity)
}
