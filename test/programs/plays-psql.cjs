#!/usr/bin/env node
// Stands for a client that is not installed: psql URL -c SQL
const { Client } = require('pg')

const [url, , sql] = process.argv.slice(2)
const client = new Client(url)
client
  .connect()
  .then(() => client.query(sql))
  .then(({ rows }) => console.log(rows))
  .finally(() => client.end())
