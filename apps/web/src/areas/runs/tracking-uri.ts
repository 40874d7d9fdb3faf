/** What clients of MLflow set as their tracking URI to reach a project of this server. */
export const trackingUriOf = (project: string, origin = location.origin): string =>
  project === 'default' ? origin : `${origin}/p/${project}`
