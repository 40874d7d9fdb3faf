// Wrong on purpose: Node strips types, not imports; this one would load a module only to throw it away.
import { Server } from 'node:http'

export const portOf = (server: Server) => server.address()
