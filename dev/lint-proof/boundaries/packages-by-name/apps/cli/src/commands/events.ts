// Wrong on purpose: a path into another package outlives no renaming there, and no publishing at all.
import { createClient } from '../../../../libs/sdk/src/client.ts'

export const connect = () => createClient({ url: 'http://127.0.0.1:7070' })
