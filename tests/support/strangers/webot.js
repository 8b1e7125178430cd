// A person on an official account, played by somebody else's simulator: a line of JSON in, a line of JSON out.
// usage: node webot.js FOLDER-OF-MODULES URL TOKEN
"use strict";
const [modules, url, token] = process.argv.slice(2);
// The simulator gives every message the same number and the present second: two within one second would be one message
// told twice. Its clock goes on by a second a message.
let told = 0;
const Real = Date;
global.Date = class extends Real {
  constructor(...given) {
    if (given.length) super(...given);
    else super(Real.now() + told * 1000);
  }
};
require(modules + "/colors");
const { makeRequest } = require(modules + "/webot-cli/lib/message");
const send = makeRequest(url, token, true);
const first = (value) => [].concat(value)[0]; // its reader of XML gives lists
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  told += 1;
  const said = JSON.parse(line);
  const type = said.pic ? "image" : "text";
  send({ sp: "gh_office", user: "oStranger_1", type, ...said }, (error, reply) => {
    const heard = error ? { error: String(error) } : { type: first(reply.MsgType), text: first(reply.Content) };
    console.log(JSON.stringify(heard));
  });
});
