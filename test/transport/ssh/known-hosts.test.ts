import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fingerprintOf, KnownHosts, knownHostName } from '../../../src/transport/ssh/known-hosts.ts'
import { makeKey } from '../../support/ssh-server.ts'

let directory: string
/** `type key`, as in files of known hosts. */
let [ours, other] = ['', '']

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ts-known-hosts-'))
  const lines = ['ours', 'other'].map((name) => readFileSync(`${makeKey(join(directory, name))}.pub`, 'utf8'))
  ;[ours, other] = lines.map((line) => line.split(' ').slice(0, 2).join(' ')) as [string, string]
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function write(...lines: readonly string[]): string {
  const file = join(directory, 'known_hosts')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

function judge(name: string, ...lines: readonly string[]): string {
  return new KnownHosts([write(...lines)], name).judge(keyOf(ours)).kind
}

function keyOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64')
}

test('a key is known by its host, among several and by a pattern', () => {
  const verdicts = ['host', 'HOST', '10.0.0.1', 'web7.example', 'db.example', 'hosts'].map((name) =>
    judge(
      knownHostName(name, 22),
      '# a comment',
      `host,10.0.0.1 ${ours} note`,
      `web?.*,!web8.example,*.example,!db.* ${ours}`,
    ),
  )
  expect(verdicts).toEqual(['known', 'known', 'known', 'known', 'unknown', 'unknown'])
})

test('a port other than 22 is part of the name', () => {
  const verdicts = [knownHostName('host', 2022), knownHostName('host', 22)].map((name) =>
    judge(name, `[host]:2022 ${ours}`),
  )
  expect(verdicts).toEqual(['known', 'unknown'])
})

test('a name that ssh-keygen has hashed is found', () => {
  const file = write(`[host]:2022 ${ours}`)
  execFileSync('/usr/bin/ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
  expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/)
  const verdicts = ['[host]:2022', '[host]:2023'].map((name) => new KnownHosts([file], name).judge(keyOf(ours)).kind)
  expect(verdicts).toEqual(['known', 'unknown'])
})

test('another key of the same type is a change, of another type is not', () => {
  const rsa = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQ=='
  expect([judge('host', `host ${other}`), judge('host', `host ${rsa}`)]).toEqual(['changed', 'unknown'])
  expect(new KnownHosts([write(`host ${rsa}`, `host ${other}`)], 'host').types).toEqual(['ssh-rsa', 'ssh-ed25519'])
})

test('a revoked key is refused, and an authority is no host', () => {
  const revoked = judge('host', `host ${ours}`, `@revoked * ${ours}`)
  expect([revoked, judge('host', `@cert-authority * ${ours}`)]).toEqual(['revoked', 'unknown'])
})

test('the fingerprint is that of ssh-keygen', () => {
  const shown = execFileSync('/usr/bin/ssh-keygen', ['-l', '-f', join(directory, 'ours.pub')], { encoding: 'utf8' })
  expect(shown.split(' ')[1]).toBe(fingerprintOf(keyOf(ours)))
})

test('files that are missing know nobody', () => {
  expect(new KnownHosts([join(directory, 'missing')], 'host').judge(keyOf(ours)).kind).toBe('unknown')
})
