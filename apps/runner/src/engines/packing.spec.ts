import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, systemClock } from '@stead/chassis'
import { DEFAULT_SERVING, DeploymentName, Digest, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import type { ServingConfig } from '@stead/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addConstant } from '../../../../dev/fixtures/onnx/models.ts'
import { createGarage } from './garage.ts'
import type { Garage } from './garage.ts'
import { connectEngine } from './link.ts'
import { startPacker } from './packing.ts'
import { createSeat } from './seat.ts'
import type { Seat } from './seat.ts'

const log = createLog({ name: 'test', level: 'silent' })
let folder: string
let garage: Garage
let released: (engine: string) => Promise<void>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-'))
  released = async () => {}
  garage = createGarage({
    bundles: { fetch: async (_, { version }) => join(folder, String(version)), keepOnly: async () => {} },
    socketDir: folder,
    log,
    bound: 4 * 1024 ** 3,
    evict: async () => false,
  })
})
afterEach(async () => {
  await garage.close()
  await rm(folder, { recursive: true, force: true })
})

async function seatOf(
  k: number,
  { project = 'default', config = DEFAULT_SERVING }: { project?: string; config?: ServingConfig } = {},
): Promise<Seat> {
  const dir = join(folder, String(k))
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir)
  await writeFile(join(dir, 'model.onnx'), addConstant(k))
  const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1, 2] })
  const bundle = {
    model: ModelName.parse('adder'),
    version: VersionNumber.parse(k),
    digest: Digest.parse(`sha256:${String(k).padStart(64, '0')}`),
    runtime: 'onnx' as const,
    signature: { inputs: [spec('x')], outputs: [spec('y')] },
    files: [{ path: 'model.onnx' as never, digest: Digest.parse(`sha256:${'0'.repeat(64)}`), size: 1 }],
  }
  const seat = createSeat(
    `seat-${k}`,
    { project: ProjectName.parse(project), deployment: DeploymentName.parse(`sums-${k}`), bundle, config },
    {
      garage,
      clock: systemClock,
      log,
      changed: () => {},
      told: () => {},
      released: (engine) => released(engine),
    },
  )
  seat.role = 'serving'
  await seat.ensure({ evict: false })
  return seat
}

async function answerOf(seat: Seat): Promise<number> {
  const { socketPath, slot } = seat.loaded!.address
  const link = await connectEngine(socketPath, slot)
  const { outputs } = await link.infer({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: new Uint8Array(8) }],
  })
  link.close()
  return new DataView(outputs[0]!.data.slice().buffer).getFloat32(0, true)
}

const pids = (seats: readonly Seat[]) => new Set(seats.map((seat) => seat.loaded!.host.pid))

describe('packing', () => {
  test('brings small quiet engines into one host, where each answers as itself, and ends the hosts they had', async () => {
    const seats = [await seatOf(1), await seatOf(2), await seatOf(3)]
    const before = seats.map((seat) => seat.loaded!.host)
    const packer = startPacker({ seats: () => seats, garage, clock: systemClock, log })
    await packer.look()
    packer.stop()
    expect(pids(seats).size).toBe(1)
    expect(await Promise.all(seats.map(answerOf))).toEqual([1, 2, 3])
    // A host that lived on would leave this waiting.
    await Promise.all(before.map((host) => host.exited))
  })

  test('keeps apart what is dedicated, busy, or of another project', async () => {
    const seats = [
      await seatOf(1),
      await seatOf(2, { project: 'other' }),
      await seatOf(3, { config: { ...DEFAULT_SERVING, isolation: 'dedicated' } }),
      await seatOf(4),
    ]
    seats[3]!.touch(1_000_000_000)
    const packer = startPacker({ seats: () => seats, garage, clock: systemClock, log })
    await packer.look()
    packer.stop()
    expect(pids(seats).size).toBe(4)
  })

  test('an engine that becomes busy gets a host of its own again, and the host of the others stays', async () => {
    const seats = [await seatOf(1), await seatOf(2)]
    const packer = startPacker({ seats: () => seats, garage, clock: systemClock, log })
    await packer.look()
    seats[0]!.touch(1_000_000_000)
    await packer.look()
    packer.stop()
    expect(pids(seats).size).toBe(2)
    expect(await Promise.all(seats.map(answerOf))).toEqual([1, 2])
  })

  test('an engine is not let go of before its last answer', async () => {
    const seats = [await seatOf(1), await seatOf(2)]
    const first = seats[0]!.loaded!.host
    const underWay = Promise.withResolvers<void>()
    released = () => underWay.promise
    const packer = startPacker({ seats: () => seats, garage, clock: systemClock, log })
    const looked = packer.look()
    while (!seats[0]!.loaded?.isPacked) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(
      await Promise.race([
        first.exited.then(() => 'ended'),
        new Promise((resolve) => setTimeout(resolve, 50, 'alive')),
      ]),
    ).toBe('alive')
    underWay.resolve()
    await looked
    await first.exited
    packer.stop()
  })

  test('when the common host dies, each of its engines comes back', async () => {
    const seats = [await seatOf(1), await seatOf(2)]
    const packer = startPacker({ seats: () => seats, garage, clock: systemClock, log })
    await packer.look()
    packer.stop()
    process.kill(seats[0]!.loaded!.host.pid, 'SIGKILL')
    while (seats.some((seat) => !seat.loaded || seat.loaded.isPacked))
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await Promise.all(seats.map(answerOf))).toEqual([1, 2])
    expect(seats.map((seat) => seat.status().restarts)).toEqual([1, 1])
  })
})
