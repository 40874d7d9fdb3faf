import './without-eval.ts'
import { createClient } from '@stead/sdk'

/** The console's only way to the server, which is the one it was loaded from. */
export const client = createClient({ url: location.origin })
