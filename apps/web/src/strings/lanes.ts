/** Words of the band that shows what a deployment served over time. */
export const lanes = {
  inWords: { one: 'Served: {changes}. {count} refused.', other: 'Served: {changes}. {count} refused.' },
} as const
