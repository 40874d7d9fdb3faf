import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeRecords, encodeRecord, openJournal } from './journal.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-journal-'))
  path = join(folder, 'journal')
})
afterEach(() => rm(folder, { recursive: true }))

const records = fc.array(fc.record({ name: fc.string(), generation: fc.nat() }), { maxLength: 12 })

describe('the journal', () => {
  test('gives back what was appended, over openings and compactions', async () => {
    const first = await openJournal<number>(path)
    await first.journal.append(1)
    await first.journal.append(2)
    await first.journal.close()
    const second = await openJournal<number>(path)
    expect(second.records).toEqual([1, 2])
    await second.journal.compact([7])
    await second.journal.append(8)
    await second.journal.close()
    expect((await openJournal<number>(path)).records).toEqual([7, 8])
  })

  test('cut at every byte, holds exactly the records that were whole, and takes new ones after them', async () => {
    const framed = [{ a: 1 }, { b: 'zwei' }, { c: [3] }].map(encodeRecord)
    const whole = Buffer.concat(framed)
    for (let cut = 0; cut <= whole.length; cut++) {
      await writeFile(path, whole)
      await truncate(path, cut)
      const expected = decodeRecords(whole.subarray(0, cut)).records
      const { journal, records: found } = await openJournal(path)
      expect(found).toEqual(expected)
      await journal.append('after')
      await journal.close()
      expect(decodeRecords(await readFile(path)).records).toEqual([...expected, 'after'])
    }
  })

  test('any prefix of any journal decodes to a prefix of its records', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const framed = all.map(encodeRecord)
        const cut = Math.floor(Buffer.concat(framed).length * share)
        let whole = 0
        let count = 0
        for (const one of framed) {
          whole += one.length
          if (whole <= cut) count += 1
        }
        expect(decodeRecords(Buffer.concat(framed).subarray(0, cut)).records).toEqual(all.slice(0, count))
      }),
    )
  })

  test('a flipped bit ends it before the damaged record', () => {
    fc.assert(
      fc.property(
        records.filter((all) => all.length > 0),
        fc.nat(),
        fc.integer({ min: 0, max: 7 }),
        (all, where, bit) => {
          const bytes = Buffer.concat(all.map(encodeRecord))
          const at = where % bytes.length
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
          const { records: found } = decodeRecords(bytes)
          expect(all.slice(0, found.length)).toEqual(found)
          expect(found.length).toBeLessThan(all.length)
        },
      ),
    )
  })
})
