import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlatform } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'
import { leaveOut } from '../services/left-out.ts'
import { jarsOf, startJavaClient } from './java.ts'
import { type ForeignClient, pythonWith } from './python.ts'

const GENERATIONS = { '2.x': '2.17.2', '1.x': '1.22.0' } as const

const client = (version: string) => jarsOf({ group: 'org.mlflow', artifact: 'mlflow-client', version })
const compiledWith = await client(GENERATIONS['2.x'])
// Whatever store it is, the client for Java has files brought by the command `mlflow`.
const command = await pythonWith(['mlflow-skinny==2.22.5', 'setuptools<81'])

for (const [generation, version] of Object.entries(GENERATIONS)) {
  const runWith = await client(version)
  const missing = [compiledWith, runWith, command].flatMap((found) => ('missing' in found ? [found.missing] : []))
  if (missing.length > 0) leaveOut(`foreign clients: MLflow's for Java, ${generation}`, missing[0]!)

  describe.skipIf(missing.length > 0)(`MLflow's own client for Java, ${generation}`, () => {
    const isNew = generation === '2.x'
    let platform: Platform
    let java: ForeignClient
    let folder: string
    beforeAll(async () => {
      if ('missing' in compiledWith || 'missing' in runWith || 'missing' in command) return
      folder = await mkdtemp(join(tmpdir(), 'stead-java-'))
      platform = await startPlatform({ runners: 0 })
      const program = {
        main: 'MlflowJava',
        compiledWith: compiledWith.jars,
        runWith: runWith.jars,
        parameters: [platform.url],
        commands: dirname(command.python),
      }
      java = await startJavaClient(program, folder)
    })
    afterAll(async () => {
      await java?.stop()
      await platform?.stop()
      if (folder) await rm(folder, { recursive: true, force: true })
    })

    test('logs params, metrics and tags one by one, and reads them again', async () => {
      expect(await java.do('log', { experiment: 'first' })).toEqual({
        found: true,
        nobody: false,
        location: 'mlflow-artifacts:/ID',
        tags: ['team=weather'],
        status: ['RUNNING', 'FAILED'],
        ended: 2_000_000_000_000,
        params: { lr: '0.1', unicode: 'größer ☂' },
        metrics: { auc: '0.9', nan: 'NaN', high: 'Infinity', loss: String(1 / 3) },
        runTags: { stage: 'draft' },
        user: true,
        history: [
          [0, 1000, 1],
          [1, 1001, 1 / 2],
          [2, 1002, 1 / 3],
        ],
      })
    })

    test('logs in batches, empty ones too', async () => {
      expect(await java.do('batch', { experiment: 'batched' })).toEqual({
        metrics: { loss: '49.9' },
        params: { depth: '3', empty: '' },
        tags: { stage: 'draft' },
        values: 500,
      })
    })

    test('finds runs by filter, in order, page by page, deleted ones too', async () => {
      expect(await java.do('search', { experiment: 'found' })).toEqual({
        greater: ['3', '2'],
        both: ['2'],
        pages: [['1', '2'], ['3']],
        more: [true, false],
        left: 2,
        deleted: ['3'],
        restored: 3,
      })
    })

    test('keeps an active run, with runs inside', async () => {
      expect(await java.do('fluent', { experiment: 'fluent' })).toEqual({
        name: 'outer',
        status: 'FINISHED',
        params: { lr: '0.1', depth: '3' },
        metrics: { auc: '0.9' },
        team: 'weather',
        uri: true,
        child: true,
      })
    })

    test('finds versions of a model by stage', async () => {
      expect(await java.do('models', { experiment: 'models', name: 'irises' })).toEqual({
        latest: ['1 Production', '2 None'],
        production: ['1 Production'],
        uri: true,
      })
    })

    // In 1.x it is the same command, and as slow.
    test.runIf(isNew)('brings files and versions of models up and down', async () => {
      expect(await java.do('artifacts', { experiment: 'files', name: 'sums' })).toEqual({
        listed: ['model/deep:0', 'model/größe.txt:5'],
        text: 'hello',
        model: ['deep/a.json', 'größe.txt'],
      })
    })

    test.runIf(isNew)('reads versions page by page', async () => {
      expect(await java.do('versions', { name: 'irises' })).toEqual({
        version: '1',
        stage: 'Production',
        status: 'READY',
        model: 'irises',
        pages: [['1 Production'], ['2 None']],
      })
    })

    test.runIf(isNew)('finds experiments by filter, deleted ones too', async () => {
      expect(await java.do('experiments', { experiment: 'many' })).toEqual([
        'many-z many-b',
        'many-a',
        'many-a',
        'active',
      ])
    })

    test('is told of mistakes by the codes that it knows', async () => {
      const told = await java.do<Record<string, [number, string, string]>>('mistakes')
      expect(Object.fromEntries(Object.entries(told).map(([name, [status, code]]) => [name, [status, code]]))).toEqual({
        param: [400, 'INVALID_PARAMETER_VALUE'],
        run: [404, 'RESOURCE_DOES_NOT_EXIST'],
        experiment: [404, 'RESOURCE_DOES_NOT_EXIST'],
        taken: [400, 'RESOURCE_ALREADY_EXISTS'],
        filter: [400, 'INVALID_PARAMETER_VALUE'],
        model: [404, 'RESOURCE_DOES_NOT_EXIST'],
      })
      expect(told.param![2]).toContain('Changing param values is not allowed.')
    })
  })
}
