import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  AliasName,
  AuditEntry,
  createProject,
  exportAudit,
  getModel,
  listAudit,
  listProjects,
  ModelName,
  ProjectName,
  setAlias,
} from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog } from '../../apps/cli/src/audit-log.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { type Platform, startPlatform, until } from './platform.ts'

const project = ProjectName.parse('default')
const model = ModelName.parse('adder')

let platform: Platform
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-audit-law-'))
  platform = await startPlatform({ runners: 0 })
  for (const k of [1, 2]) await platform.push('adder', addConstant(k))
})
afterAll(async () => {
  await platform?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The whole log, after it has been checked as anybody can check it. */
async function exported(): Promise<AuditEntry[]> {
  const path = join(folder, 'audit.jsonl')
  const response = await platform.client.open(exportAudit, { params: { project } })
  await writeFile(path, Buffer.from(await response.arrayBuffer()))
  const { entries } = await checkLog(path, { checkpoints: join(platform.home, 'audit', 'checkpoints.jsonl') })
  const lines = (await readFile(path, 'utf8')).trim().split('\n')
  const told = lines.map((line) => JSON.parse(line) as { kind: string })
  const all = told.filter(({ kind }) => kind === 'entry').map((entry) => AuditEntry.parse(entry))
  expect(all).toHaveLength(entries)
  return all
}

test('a server that is killed between any two writes leaves a whole log, with every change that was acknowledged', async () => {
  const acknowledged: string[] = []
  const projects: ProjectName[] = []
  let made = 0
  for (let kill = 1; kill <= counted({ test: 4, conformance: 40 }); kill++) {
    const writing = Array.from({ length: 6 }, async (_, writer) => {
      for (;;) {
        const alias = AliasName.parse(`a${++made}`)
        const name = ProjectName.parse(`p${made}`)
        try {
          if (writer === 0) {
            await platform.client.call(createProject, { body: { name } })
            projects.push(name)
          } else {
            const body = { version: (1 + (made % 2)) as VersionNumber }
            await platform.client.call(setAlias, { params: { project, model, alias }, body })
            acknowledged.push(`adder@${alias}`)
          }
        } catch {
          return
        }
      }
    })
    // At another place within the writes each time, for as many are under way as there are writers.
    const enough = acknowledged.length + 6 + ((kill * 7) % 10)
    await until('enough is acknowledged', async () => {
      if (acknowledged.length < enough) throw new Error(`${acknowledged.length} of ${enough}`)
    })
    await pause((kill * 3) % 11)
    platform.server.kill('SIGKILL')
    await Promise.all(writing)
    await platform.restartServer()

    const told = new Set((await exported()).map(({ subject }) => subject))
    expect(acknowledged.filter((subject) => !told.has(subject))).toEqual([])
    // And nothing is there that the log does not tell of.
    const { aliases } = await platform.client.call(getModel, { params: { project, model } })
    expect(Object.keys(aliases).filter((alias) => !told.has(`adder@${alias}`))).toEqual([])
  }
  expect(acknowledged.length).toBeGreaterThan(20)
  const { projects: all } = await platform.client.call(listProjects, {})
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(projects))
  for (const name of projects) {
    const { entries, broken } = await platform.client.call(listAudit, { params: { project: name }, query: {} })
    expect([entries.map(({ act }) => act), broken]).toEqual([['project.created'], null])
  }
})
