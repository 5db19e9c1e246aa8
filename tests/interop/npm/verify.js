// node verify.js MODULES < cases.json: of each signed checkpoint with an inclusion, null or why it was refused.
"use strict";
const fs = require("fs");
const path = require("path");
const modules = path.resolve(process.argv[2], "@sigstore");
const { createPublicKey } = require(`${modules}/core`).crypto;
const { verifyCheckpoint } = require(`${modules}/verify/dist/tlog/checkpoint`);
const { verifyMerkleInclusion } = require(`${modules}/verify/dist/tlog/merkle`);

const ED25519 = Buffer.from("302a300506032b6570032100", "hex"); // how a key of 32 bytes begins as SubjectPublicKeyInfo
const bytes = (text) => Buffer.from(text, "hex");

const logs = (keys) =>
  keys.map(({ name, id, key }) => ({
    logID: bytes(id),
    baseURL: `https://${name}`,
    publicKey: createPublicKey(Buffer.concat([ED25519, bytes(key)])),
  }));

const verdict = ({ note, keys, index, hashes, leaf }) => {
  const inclusionProof = { checkpoint: { envelope: note }, logIndex: index, hashes: hashes.map(bytes) };
  try {
    const checkpoint = verifyCheckpoint({ inclusionProof }, logs(keys));
    verifyMerkleInclusion({ inclusionProof, canonicalizedBody: bytes(leaf) }, checkpoint);
    return null;
  } catch (error) {
    return error.message;
  }
};

const cases = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(verdict)));
