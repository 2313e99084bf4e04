import { AccountOnHold } from '../errors';
import type { Call, Reply } from '../http/call';
import { openRetailApi, type RetailApi } from '../retail/retail-api';
import type { getCustomer } from './calls';
import { expectCustomerId } from '../ids';

export async function openCustomers() {
  const retail = await openRetailApi();
  return {
    async read({ caller }: Call<typeof getCustomer>): Promise<Reply<typeof getCustomer>> {
      expectCustomerId(caller.uid);
      return {
        accountOnHold: await isOnHold(retail, caller.uid),
        regCountry: caller.regCountry,
      };
    },
  };
}

/** Only an account that is there is held; whether it is there makes no difference here. */
async function isOnHold(retail: RetailApi, uid: string): Promise<boolean> {
  try {
    await retail.balance(uid);
    return false;
  } catch (error) {
    if (error instanceof AccountOnHold) return true;
    throw error;
  }
}
