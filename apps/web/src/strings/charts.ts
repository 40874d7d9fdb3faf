/** Words of charts, whatever they show. */
export const charts = {
  crosshair: '{chart}, crosshair',
  valueText: '{time}: {values}',
  oneValue: '{series} {value}',
  now: 'now',
  showAsTable: 'Show as table',
  showAsCharts: 'Show as charts',
  time: 'Time',
  column: '{chart}, {series}',
  rows: 'Figures, newest first',
  none: '–',
} as const
