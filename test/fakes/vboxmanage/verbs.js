import { controlVm, discardState } from './controlvm.js';
import { createVm, registerVm } from './createvm.js';
import { dhcpServer } from './dhcpserver.js';
import { getExtraData, guestProperty, setExtraData, sharedFolder } from './extras.js';
import { hostOnlyIf } from './hostonly.js';
import { hostOnlyNet } from './hostonlynet.js';
import { list, showVmInfo } from './list.js';
import { cloneMedium, convertFromRaw, createMedium } from './make-media.js';
import { closeMedium, showMediumInfo } from './media.js';
import { modifyVm } from './modifyvm.js';
import { snapshot } from './snapshot.js';
import { standIn } from './stand-in.js';
import { startVm } from './startvm.js';
import { storageAttach, storageCtl } from './storage.js';
import { moveVm, unregisterVm } from './unregistervm.js';

/** The verbs of VBoxManage; `hostonlynet` is known on macOS only. */
export function verbs(env) {
  return {
    ...{ list, showvminfo: showVmInfo, createvm: createVm, registervm: registerVm, unregistervm: unregisterVm },
    ...{ modifyvm: modifyVm, movevm: moveVm, startvm: startVm, controlvm: controlVm, discardstate: discardState },
    ...{
      storagectl: storageCtl,
      storageattach: storageAttach,
      convertfromraw: convertFromRaw,
      convertdd: convertFromRaw,
    },
    ...{ createmedium: createMedium, createhd: createMedium, clonemedium: cloneMedium, clonehd: cloneMedium },
    ...{ closemedium: closeMedium, showmediuminfo: showMediumInfo, showhdinfo: showMediumInfo },
    ...{ sharedfolder: sharedFolder, guestproperty: guestProperty, setextradata: setExtraData },
    ...{ getextradata: getExtraData, hostonlyif: hostOnlyIf, dhcpserver: dhcpServer, snapshot },
    ...(env.FAKE_VBOX_PLATFORM === 'darwin' ? { hostonlynet: hostOnlyNet } : {}),
    'stand-in': standIn,
  };
}
