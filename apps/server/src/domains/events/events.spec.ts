import { AliasName, Event, listEvents, ModelName, setAlias, streamEvents } from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
  await pushVersion(server.client, 'noted', 'export {}')
})
afterAll(() => server.close())

let aliases = 0
/** Makes one event; returns what it is about. */
async function happen(): Promise<string> {
  const alias = AliasName.parse(`alias-${++aliases}`)
  const params = { project: DEFAULT, model: ModelName.parse('noted'), alias }
  await server.client.call(setAlias, { params, body: { version: 1 as VersionNumber } })
  return `noted@${alias}`
}
const page = (query: { before?: number; limit?: number; subject?: string; kind?: string; actor?: string }) =>
  server.client.call(listEvents, { params: { project: DEFAULT }, query })
const newest = async () => (await page({ limit: 1 })).events[0]!.sequence

/** Reads until `enough`, then hangs up. */
async function readUntil(
  call: { query?: { after?: number }; lastEventId?: number },
  enough: (event: Event) => boolean,
  onEvent: (event: Event) => void,
): Promise<void> {
  const gone = new AbortController()
  const headers: Record<string, string> =
    call.lastEventId === undefined ? {} : { 'last-event-id': String(call.lastEventId) }
  const hear = (told: unknown, id: string | undefined) => {
    if (gone.signal.aborted) return
    const event = Event.parse(told)
    expect(id).toBe(String(event.sequence))
    onEvent(event)
    if (enough(event)) gone.abort(new Error('read enough'))
  }
  await server.client
    .watch(streamEvents, { query: call.query ?? {}, headers, signal: gone.signal }, hear)
    .catch((error: unknown) => {
      if (!gone.signal.aborted) throw error
    })
}

test('a reader that hangs up and comes back, while things keep happening, is told each event once and in order', async () => {
  const start = await newest()
  const happened: string[] = []
  const last = 60
  const happening = (async () => {
    for (let count = 0; count < last; count++) happened.push(await happen())
  })()
  const read: Event[] = []
  const final = `noted@alias-${aliases + last - 1}`
  let lastEventId = start
  for (let visit = 1; read.at(-1)?.subject !== final; visit++) {
    let left = (visit % 7) + 1
    await readUntil(
      { lastEventId },
      (event) => --left === 0 || event.subject === final,
      (event) => {
        read.push(event)
        lastEventId = event.sequence
      },
    )
  }
  await happening
  expect(read.map(({ subject }) => subject)).toEqual(happened)
  expect(read.map(({ sequence }) => sequence)).toEqual(read.map((_, at) => read[0]!.sequence + at))
})

test('several readers are told the same, from wherever each begins', async () => {
  const start = await newest()
  for (let count = 0; count < 3; count++) await happen()
  const final = `noted@alias-${aliases + 3}`
  const readers = [start, start + 2].map(async (after) => {
    const read: number[] = []
    await readUntil(
      { query: { after } },
      ({ subject }) => subject === final,
      ({ sequence }) => void read.push(sequence),
    )
    return read
  })
  for (let count = 0; count < 3; count++) await happen()
  const [all, later] = await Promise.all(readers)
  expect(all).toEqual([1, 2, 3, 4, 5, 6].map((after) => start + after))
  expect(later).toEqual(all!.slice(2))
})

test('a reader with the number of an event that is not there yet is told of what comes', async () => {
  let after = await newest()
  const reading = readUntil(
    { lastEventId: 10_000_000 },
    () => true,
    ({ sequence }) => expect(sequence).toBeGreaterThan(after),
  )
  const told = reading.then(() => true)
  while (!(await Promise.race([told, happen().then(() => false)])));
  after = await newest()
})

test('the list is newest first, page by page to the first event', async () => {
  const read: number[] = []
  let before: number | undefined
  do {
    const { events, next } = await page({ limit: 10, ...(before === undefined ? {} : { before }) })
    read.push(...events.map(({ sequence }) => sequence))
    before = next ?? undefined
  } while (before !== undefined)
  expect(read).toEqual(read.toSorted((a, b) => b - a))
  expect(new Set(read).size).toBe(read.length)
  const { events } = await page({ before: read.at(-2)!, limit: 10 })
  expect(events).toMatchObject([{ kind: 'model.created', subject: 'noted', actor: 'local', project: 'default' }])
})

test('the list is of one thing, one kind or one actor when asked, page by page', async () => {
  await pushVersion(server.client, 'apart', 'export {}')
  await pushVersion(server.client, 'apart', 'export const two = 2')
  const params = { project: DEFAULT, model: ModelName.parse('apart'), alias: AliasName.parse('champion') }
  await server.client.call(setAlias, { params, body: { version: 2 as VersionNumber } })
  const told = async (query: Parameters<typeof page>[0]) =>
    (await page(query)).events.map(({ kind, subject }) => `${kind} ${subject}`)
  const all = ['alias.set apart@champion', 'version.created apart/2', 'version.created apart/1', 'model.created apart']
  expect(await told({ subject: 'apart' })).toEqual(all)
  expect(await told({ subject: 'apart/2' })).toEqual([all[1]])
  expect(await told({ subject: 'apart@champion' })).toEqual([all[0]])
  expect(await told({ subject: 'apart', kind: 'version' })).toEqual(all.slice(1, 3))
  expect(await told({ kind: 'version.created', limit: 2 })).toEqual(all.slice(1, 3))
  expect(await told({ subject: 'apart', actor: 'local' })).toEqual(all)
  expect(await told({ subject: 'apart', actor: 'somebody' })).toEqual([])
  const { events, next } = await page({ subject: 'apart', limit: 3 })
  expect(events).toHaveLength(3)
  expect(await page({ subject: 'apart', limit: 3, before: next! })).toMatchObject({
    events: [{ subject: 'apart' }],
    next: null,
  })
})
