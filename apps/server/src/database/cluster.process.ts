import { PGlite } from '@electric-sql/pglite'

/** Creates an empty embedded database in the directory given as argument, and ends. */

const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: cluster.process.ts DIRECTORY')
const pglite = await PGlite.create({ dataDir: directory })
await pglite.close()
