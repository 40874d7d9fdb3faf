import { readFile } from 'node:fs/promises'
import { ACT_NAMES } from '@stead/contracts'
import { expect, test } from 'vitest'
import { PAGE, withActs } from './access-docs.ts'

test('docs/access.md tells what each role may do as the server judges it', async () => {
  const page = await readFile(PAGE, 'utf8')
  expect(withActs(page), 'write it anew with: node dev/access-docs.ts').toBe(page)
  for (const act of ACT_NAMES) expect(page).toContain(`| \`${act}\` |`)
})

test('a page without the marks is refused, not left as it is', () => {
  expect(() => withActs('# Access')).toThrow('lacks the marks')
})
