import type { Migration } from '../migrate.ts'

/** What a project says of itself. */
export const projectDescriptions: Migration = {
  name: '0008-project-descriptions',
  statements: [`alter table projects add column description text not null default ''`],
}
