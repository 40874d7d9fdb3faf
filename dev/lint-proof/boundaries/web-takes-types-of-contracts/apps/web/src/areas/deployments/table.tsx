// Wrong on purpose: every schema, and zod with them, would travel to the browser.
import { RouteTable } from '@stead/contracts'

export const Generation = ({ table }: { table: unknown }) => <b>{RouteTable.parse(table).generation}</b>
