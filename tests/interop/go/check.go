// check < evidence.json: a signed checkpoint, tiles in a folder, and proofs, before the reference implementation.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles { // its paths name the height, which tlog-tiles leaves out
		one, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	var given struct {
		Folder, Vkey, Note string
		Records, Trees     []struct {
			N     int64
			Hash  tlog.Hash
			Proof []tlog.Hash
		}
	}
	must(0, json.NewDecoder(os.Stdin).Decode(&given))
	opened := must(note.Open([]byte(given.Note), note.VerifierList(must(note.NewVerifier(given.Vkey)))))
	_, rest, _ := strings.Cut(opened.Text, "\n")
	tree := must(tlog.ParseTree([]byte("go.sum database tree\n" + rest)))
	tiles := tlog.TileHashReader(tree, folder(given.Folder))
	if root := must(tlog.TreeHash(tree.N, tiles)); root != tree.Hash {
		log.Fatal("tiles have another root")
	}
	for _, record := range given.Records {
		if kept := must(tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, record.N)})); kept[0] != record.Hash {
			log.Fatal("tiles have another leaf")
		}
		must(0, tlog.CheckRecord(record.Proof, tree.N, tree.Hash, record.N, record.Hash))
		must(0, tlog.CheckRecord(must(tlog.ProveRecord(tree.N, record.N, tiles)), tree.N, tree.Hash, record.N, record.Hash))
	}
	for _, old := range given.Trees {
		must(0, tlog.CheckTree(old.Proof, tree.N, tree.Hash, old.N, old.Hash))
		must(0, tlog.CheckTree(must(tlog.ProveTree(tree.N, old.N, tiles)), tree.N, tree.Hash, old.N, old.Hash))
	}
}
