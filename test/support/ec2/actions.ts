import { authorize, createGroup, deleteGroup, describeGroups } from './groups.js';
import { changeState, describeInstances, reboot } from './instances.js';
import { deleteKeyPair, describeKeyPairs, importKeyPair } from './key-pairs.js';
import { runInstances } from './launching.js';
import { describeImages, describeInstanceTypes, describeSubnets, describeVpcs } from './networks.js';
import {
  cancelSpotRequests,
  deleteVolume,
  describeSpotRequests,
  describeVolumes,
  tag,
} from './other-resources.js';
import type { Xml } from './query.js';
import type { Form, Region } from './region.js';

/** Answers the content of the response; `body` is the form as it came. */
export type Action = (region: Region, form: Form, body: string) => Xml | Promise<Xml>;

export const actions: Readonly<Record<string, Action>> = {
  DescribeVpcs: describeVpcs,
  DescribeSubnets: describeSubnets,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeImages: describeImages,
  ImportKeyPair: importKeyPair,
  DescribeKeyPairs: describeKeyPairs,
  DeleteKeyPair: deleteKeyPair,
  CreateSecurityGroup: createGroup,
  DescribeSecurityGroups: describeGroups,
  AuthorizeSecurityGroupIngress: authorize,
  DeleteSecurityGroup: deleteGroup,
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  StartInstances: (region, form) => changeState(region, form, 'start'),
  StopInstances: (region, form) => changeState(region, form, 'stop'),
  RebootInstances: reboot,
  TerminateInstances: (region, form) => changeState(region, form, 'terminate'),
  DescribeVolumes: describeVolumes,
  DeleteVolume: deleteVolume,
  DescribeSpotInstanceRequests: describeSpotRequests,
  CancelSpotInstanceRequests: cancelSpotRequests,
  CreateTags: (region, form) =>
    tag(region, form, (tags, key, value) => Object.assign(tags, { [key]: value })),
  DeleteTags: (region, form) => tag(region, form, (tags, key) => delete tags[key]),
};
