import { config } from 'zod'

// zod would compile its checks with eval, which the page's policy forbids. This must be loaded before any schema is
// made: import it first.
config({ jitless: true })
