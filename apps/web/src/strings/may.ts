import type { Act, Role } from '@stead/contracts'

/** Why something may not be done: "Swapping needs the operator role. You are a viewer of default." */
export const may = {
  needsRole: '{doing} needs the {role} role. {you}',
  denied: '{doing} is denied to you in {project}.',
  ownersOnly: '{doing} is for owners of this installation.',
  peopleOnly: '{doing} is for people who are signed in.',
  youAre: 'You are {roles} of {project}.',
  youAreNobody: 'You have no role in {project}.',
  and: ' and ',
  noView: 'This page needs another role',
  ownersAre: 'Owners: {names}.',
  toOverview: 'Go to the overview',
} as const

/** A role as what one is. */
export const roleAs: Readonly<Record<Role, string>> = {
  viewer: 'a viewer',
  contributor: 'a contributor',
  operator: 'an operator',
  reviewer: 'a reviewer',
  owner: 'an owner',
  auditor: 'an auditor',
}

/** Acts as what somebody is doing, at the beginning of a sentence. */
export const doing: Readonly<Partial<Record<Act, string>>> = {
  'project.create': 'Creating a project',
  'project.change': 'Describing a project',
  'artifact.put': 'Uploading',
  'model.delete': 'Deleting a model',
  'version.create': 'Pushing a model',
  'version.delete': 'Deleting a version',
  'alias.set': 'Moving an alias',
  'alias.delete': 'Removing an alias',
  'deployment.predict': 'Asking a deployment',
  'deployment.create': 'Deploying',
  'deployment.delete': 'Deleting a deployment',
  'deployment.swap': 'Swapping',
  'deployment.rollback': 'Rolling back',
  'deployment.traffic': 'Changing traffic',
  'deployment.park': 'Parking',
  'deployment.wake': 'Waking',
  'deployment.abort': 'Aborting a change',
  'deployment.own': 'Handing a deployment over',
  'golden.add': 'Keeping a golden request',
  'golden.record': 'Recording golden requests',
  'golden.remove': 'Removing a golden request',
  'experiment.create': 'Creating an experiment',
  'experiment.change': 'Changing an experiment',
  'experiment.delete': 'Deleting an experiment',
  'run.create': 'Starting a run',
  'run.change': 'Changing runs',
  'run.delete': 'Deleting runs',
  'member.set': 'Changing members',
  'member.remove': 'Removing a member',
  'account.create': 'Making a service account',
  'account.change': 'Changing a service account',
  'account.delete': 'Deleting a service account',
  'consumer.create': 'Making a consumer',
  'consumer.change': 'Changing a consumer',
  'consumer.delete': 'Deleting a consumer',
  'audit.list': 'Reading the audit log',
  'audit.export': 'Exporting the audit log',
  'person.list': 'Seeing the people',
  'person.create': 'Adding a person',
  'person.change': 'Changing a person',
  'person.delete': 'Removing a person',
  'runner.admit': 'Admitting runners',
  'installation.audit': 'Reading the audit log of the installation',
  'installation.backup': 'Taking a backup',
  'installation.inspect': 'Seeing the platform',
  'installation.metrics': 'Reading metrics',
}

export const doingAnything = 'This'
