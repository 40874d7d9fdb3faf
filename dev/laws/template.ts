import { join } from 'node:path'
import { copyDatabase } from '../../apps/server/src/database/copying.ts'
import { findTemplate } from '../../apps/server/src/database/template.ts'
import { cacheDirectory, oneMaker } from '../services/cache.ts'

let template: Promise<string> | undefined

/** Lays a migrated, empty database into a new home: making one takes seconds, copying one does not. */
export async function layDatabase(home: string): Promise<void> {
  template ??= oneMaker('template', () => findTemplate(cacheDirectory()))
  copyDatabase(await template, join(home, 'database'))
}
