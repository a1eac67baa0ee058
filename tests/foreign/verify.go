// Verifies a log over HTTP with nothing but its public key, by golang.org/x/mod/sumdb alone: nothing here is ours but
// the way to a tile's path and the reading of bundles.
//
//	verify URL VKEY [OLDER_CHECKPOINT]
//
// The checkpoint's signature, every tile, every entry under its leaf, the root made again from the entries, inclusion
// proofs of some, and that the log only grew from an older checkpoint. (The root is made again because TileHashReader of
// x/mod 0.7 does not compare every full tile with its parent.) Prints what it verified as JSON; ends with 1 and the
// reason where something is wrong.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height  = 8  // tiles of 256 hashes
	samples = 50 // inclusion proofs
)

// fetch returns a file under the log's URL.
func fetch(url, path string) []byte {
	answer, err := http.Get(url + "/" + path)
	check(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatalf("%s: the server answers %s", path, answer.Status)
	}
	content, err := io.ReadAll(answer.Body)
	check(err)
	return content
}

// tilePath returns the path of C2SP tlog-tiles: that of x/mod without its height.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

// tilesOf returns every tile of a log of a size, each as wide as it is then.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size > 0; level++ {
		for index := int64(0); index <= size>>height; index++ {
			if width := size - index<<height; width >= 1<<height {
				tiles = append(tiles, tlog.Tile{H: height, L: level, N: index, W: 1 << height})
			} else if width > 0 {
				tiles = append(tiles, tlog.Tile{H: height, L: level, N: index, W: int(width)})
			}
		}
		size >>= height
	}
	return tiles
}

// server reads tiles for tlog, which verifies each against the root.
type server struct{ url string }

func (s server) Height() int { return height }

func (s server) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		found = append(found, fetch(s.url, tilePath(tile)))
	}
	return found, nil
}

func (s server) SaveTiles([]tlog.Tile, [][]byte) {}

// open returns the tree of a checkpoint that the key has signed.
func open(message []byte, key note.Verifier) tlog.Tree {
	opened, err := note.Open(message, note.VerifierList(key))
	check(err)
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) != 4 || lines[0] != key.Name() {
		log.Fatalf("no checkpoint of %s: %q", key.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != tlog.HashSize {
		log.Fatalf("no root: %q", lines[2])
	}
	return tree
}

// readBundle returns the entries of a bundle: each behind its length in two bytes.
func readBundle(content []byte) [][]byte {
	var entries [][]byte
	for len(content) > 0 {
		length := int(binary.BigEndian.Uint16(content))
		entries = append(entries, content[2:2+length])
		content = content[2+length:]
	}
	return entries
}

// ownHashes are those of a tree that is made from its entries.
type ownHashes []tlog.Hash

func (h ownHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, h[index])
	}
	return found, nil
}

// add makes the tree larger by an entry.
func (h *ownHashes) add(position int64, entry []byte) {
	more, err := tlog.StoredHashes(position, entry, h)
	check(err)
	*h = append(*h, more...)
}

// checkEntries verifies the entries of a bundle under their tile, adds them to a tree of our own, and counts them.
func checkEntries(url string, tile tlog.Tile, tree tlog.Tree, hashes tlog.HashReader, own *ownHashes) int {
	path := strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)
	entries := readBundle(fetch(url, path))
	if len(entries) != tile.W {
		log.Fatalf("%s has %d entries", path, len(entries))
	}
	var indexes []int64
	for number := range entries {
		indexes = append(indexes, tlog.StoredHashIndex(0, tile.N<<height+int64(number)))
	}
	leaves, err := hashes.ReadHashes(indexes)
	check(err)
	every := 1 + tree.N/samples
	for number, entry := range entries {
		position := tile.N<<height + int64(number)
		leaf := tlog.RecordHash(entry)
		if leaves[number] != leaf {
			log.Fatalf("position %d: the entry is not that of the tree", position)
		}
		own.add(position, entry)
		if position%every == 0 {
			proof, err := tlog.ProveRecord(tree.N, position, hashes)
			check(err)
			check(tlog.CheckRecord(proof, tree.N, tree.Hash, position, leaf))
		}
	}
	return len(entries)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	url := os.Args[1]
	key, err := note.NewVerifier(os.Args[2])
	check(err)
	tree := open(fetch(url, "checkpoint"), key)
	hashes := tlog.TileHashReader(tree, server{url})
	tiles, entries, grownFrom := 0, 0, int64(0)
	var own ownHashes
	for _, tile := range tilesOf(tree.N) {
		verified, err := tlog.ReadTileData(tile, hashes)
		check(err)
		if !bytes.Equal(verified, fetch(url, tilePath(tile))) {
			log.Fatalf("%s is not that of the tree", tilePath(tile))
		}
		tiles++
		if tile.L == 0 {
			entries += checkEntries(url, tile, tree, hashes, &own)
		}
	}
	root, err := tlog.TreeHash(tree.N, own)
	check(err)
	if root != tree.Hash {
		log.Fatal("the entries do not give the root that was signed")
	}
	if len(os.Args) > 3 {
		message, err := os.ReadFile(os.Args[3])
		check(err)
		older := open(message, key)
		proof, err := tlog.ProveTree(tree.N, older.N, hashes)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash))
		grownFrom = older.N
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"size": tree.N, "tiles": tiles, "entries": entries, "grown_from": grownFrom,
	}))
}
