import { messageOf, TmachineError } from 'tmachine/driver';

/** A plugin answered a call with an error. */
export class PluginRefusal extends TmachineError {
  readonly method: string;
  /** The plugin's own words. */
  readonly reason: string;

  constructor(method: string, reason: string) {
    super(`${method} of the driver plugin failed: ${reason}`, { code: 'PLUGIN_REFUSED' });
    this.name = 'PluginRefusal';
    this.method = method;
    this.reason = reason;
  }
}

/** Nothing can be asked of the plugin any more: it ended, or what it sends makes no sense. */
export class PluginLost extends TmachineError {
  constructor(cause: unknown) {
    super(`The connection to the driver plugin is lost: ${messageOf(cause)}`, { code: 'PLUGIN_LOST', cause });
    this.name = 'PluginLost';
  }
}
