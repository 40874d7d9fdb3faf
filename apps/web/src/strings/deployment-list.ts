/** Words of the list of deployments. */
export const list = {
  search: 'Name or model',
  state: 'State',
  states: { all: 'All', serving: 'Serving', parked: 'Parked', failed: 'Failed', other: 'Coming up' },
  emptyTitle: 'No deployments yet',
  emptySays: 'A deployment is an address that keeps answering while models change behind it.',
  emptyCommand: 'stead deploy forecast --model weather',
  noneTitle: 'No deployment matches',
  noneSays: { one: 'Without the filter there is {count}.', other: 'Without the filter there are {count}.' },
  clear: 'Remove the filter',
  count: { one: '{count} deployment', other: '{count} deployments' },
  ofAll: '{shown} of {count}',
  span: 'Span of time',
} as const
