import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readServerSentEvents } from './server-sent-events.ts'
import type { ServerSentEvent } from './server-sent-events.ts'
import { UnreachableError } from './unreachable.ts'

async function read(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = []
  await readServerSentEvents(new Response(ReadableStream.from(chunks)), 'http://test', (event) => events.push(event))
  return events
}

/** Cuts the bytes at the given shares of their length, in characters' middles as well. */
function cut(text: string, shares: readonly number[]): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  const places = [0, ...shares.map((share) => Math.floor(share * bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''))
const sent = fc.record({
  event: line.filter((text) => text !== '' && !text.startsWith(' ')),
  data: fc.array(line, { minLength: 1, maxLength: 3 }),
})

describe('reading server-sent events', () => {
  test('gives back what was sent, wherever the bytes are cut and however lines end', async () => {
    const ends = fc.constantFrom('\n', '\r\n')
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { maxLength: 5 }),
        ends,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        async (all, end, shares) => {
          const text = all
            .map(({ event, data }) => [`event: ${event}`, ...data.map((part) => `data: ${part}`), '', ''].join(end))
            .join('')
          const found = await read(cut(text, shares))
          expect(found.map(({ event, data }) => ({ event, data }))).toEqual(
            all.map(({ event, data }) => ({ event, data: data.join('\n') })),
          )
        },
      ),
    )
  })

  test('comments are beats and no events; the id is that of the newest event that had one', async () => {
    const found = await read(cut(': beat\n\nid: 7\ndata: a\n\ndata: b\n\nid: 9\ndata: c\n\n', []))
    expect(found).toEqual([
      { event: 'message', data: 'a', id: '7' },
      { event: 'message', data: 'b', id: '7' },
      { event: 'message', data: 'c', id: '9' },
    ])
  })

  test('an event whose end did not arrive is none', async () => {
    expect(await read(cut('data: whole\n\ndata: half', []))).toHaveLength(1)
  })

  test('a connection that breaks is told as unreachable', async () => {
    const broken = new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) }))
    await expect(readServerSentEvents(broken, 'http://test', () => {})).rejects.toBeInstanceOf(UnreachableError)
  })
})
