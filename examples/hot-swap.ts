/* A deployment whose model is replaced while it is being called.
 *
 *     npm start -- --empty                  in one terminal
 *     npx node examples/hot-swap.ts         in another; an address other than http://127.0.0.1:7070 may follow
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  BundlePath,
  createDeployment,
  createVersion,
  deleteDeployment,
  DeploymentName,
  Digest,
  getDeployment,
  ModelName,
  ProjectName,
  putArtifact,
  rollbackDeployment,
  swapDeployment,
} from '@stead/contracts'
import type { Transcript, VersionNumber } from '@stead/contracts'
import { createClient } from '@stead/sdk'

const client = createClient({ url: process.argv[2] ?? 'http://127.0.0.1:7070' })
const project = ProjectName.parse('default')
const model = ModelName.parse('hot-swap-weather')
const deployment = DeploymentName.parse('hot-swap-forecast')

/** Registers an ONNX file of the sample project; one that is there already is named and not made again. */
async function push(file: string): Promise<VersionNumber> {
  const body = await readFile(new URL(`../dev/sample/models/${file}`, import.meta.url))
  const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
  await client.send(putArtifact, { params: { project, digest } }, { body, size: body.length })
  const files = [{ path: BundlePath.parse('model.onnx'), digest }]
  const { version } = await client.call(createVersion, { params: { project, model }, body: { files, ifNew: true } })
  return version
}

const TODAY = [5.6, -3.2, 0, 1.2, 3.3, 5.7, 0.034, 0.999]

/** Asks for tomorrow's temperature over and over; tells at the end which version gave how many answers. */
function callInALoop(base: string): { stop(): Promise<{ failed: number; answers: Map<string, number> }> } {
  let goesOn = true
  let failed = 0
  const answers = new Map<string, number>()
  async function loop(): Promise<void> {
    while (goesOn) {
      const response = await fetch(`${base}/v1/models/${deployment}:predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instances: [TODAY] }),
      }).catch(() => undefined)
      await response?.json()
      const version = response?.headers.get('stead-version')
      if (response?.ok && version) answers.set(version, (answers.get(version) ?? 0) + 1)
      else failed += 1
    }
  }
  const loops = Promise.all(Array.from({ length: 8 }, loop))
  return {
    async stop() {
      goesOn = false
      await loops
      return { failed, answers }
    },
  }
}

function tell({ kind, from, to, generation, stages }: Transcript): void {
  console.log(`${kind}: version ${from ?? 'none'} → ${to}, generation ${generation}`)
  for (const { name, ms, ok } of stages) console.log(`  ${ok ? '✓' : '✗'} ${name} ${ms.toFixed(1)} ms`)
}

const second = () => new Promise((resolve) => setTimeout(resolve, 1000))

const [linear, forest] = [await push('weather-v1.onnx'), await push('weather-v2.onnx')]
tell(await client.call(createDeployment, { params: { project }, body: { name: deployment, model, version: linear } }))
try {
  const params = { project, deployment }
  const { urls } = await client.call(getDeployment, { params })
  const calls = callInALoop(urls[0]!.rest)
  await second()
  tell(await client.call(swapDeployment, { params, body: { version: forest, reason: 'a random forest is better' } }))
  await second()
  tell(await client.call(rollbackDeployment, { params, body: { reason: 'or is it' } }))
  await second()
  const { failed, answers } = await calls.stop()
  for (const [version, count] of answers) console.log(`version ${version} gave ${count} answers`)
  console.log(`${failed} calls failed`)
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  await client.call(deleteDeployment, { params: { project, deployment } })
}
