import { findTemplate } from '../apps/server/src/database/template.ts'
import { cacheDirectory } from './services/cache.ts'

/** Makes the database that `stead server --ephemeral` copies, so that not even the first one waits for it. */
await findTemplate(cacheDirectory())
