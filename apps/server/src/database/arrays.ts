/** Columns as PostgreSQL array literals, for statements that take many rows as one parameter each:
 *  `unnest(${integers(runs)}::bigint[], ${texts(keys)}::text[])`. */

type Text = string | null

/** Numbers as JavaScript writes them, NaN and the infinities included, are numbers to PostgreSQL, too. */
export const numbers = (column: readonly (number | null)[]): string =>
  `{${column.map((value) => value ?? 'NULL').join(',')}}`

export const texts = (column: readonly Text[]): string => `{${column.map(quoted).join(',')}}`

const quoted = (text: Text): string =>
  text === null ? 'NULL' : `"${/["\\]/.test(text) ? text.replaceAll(/["\\]/g, String.raw`\$&`) : text}"`
