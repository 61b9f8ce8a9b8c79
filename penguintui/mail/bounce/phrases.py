"""What mail servers write when they refuse, by reason, in the order in which it is looked for.

Phrases are separated by `|`; `reason.py` says how they are matched.
"""

from __future__ import annotations

from collections.abc import Iterator

from penguintui.mail.bounce import languages

_WRITTEN: tuple[tuple[str, str], ...] = (
    (
        "virusdetected",
        """
        virus detected | virus found | a virus | contains virus | virus: | virus scan | virus infected |
        virus-infected | viruses | infected with | malware | mcspamsignature | trojan | virus*detected | infected
        attachment
        """,
    ),
    (
        "failedstarttls",
        """
        starttls is required | does not support tls | must issue a starttls | starttls failed | tls required | tls
        is required | starttls*not offered | certificate not trusted | tls not available | certificate verification
        failed | requires tls | encryption required
        """,
    ),
    (
        "norelaying",
        """
        relay access denied | smtp relay error | relaying denied | relaying mail to | relay not permitted | relaying
        not permitted | relay denied | relaying is prohibited | relay is prohibited | unable to relay | not
        configured to relay | no relaying | not permitted to relay | relaying not allowed | not an open relay |
        email address is not verified | that domain isn't in my list of allowed rcpthosts | authentication is
        required for relay | not authorized to relay | cannot relay
        """,
    ),
    (
        "authfailure",
        """
        dmarc | spf check | spf record | spf fail | failed spf | does not pass spf | not pass*spf | sender policy
        framework | sender is unauthenticated | unauthenticated email | authentication checks failed | dkim
        verification | dkim signature*fail | is not authorized to send mail from | ip is not allowed to send | not
        allowed by spf | domain authentication | doesn't meet the required authentication level | spf mail from
        check | spf*failed | required authentication level | anti-spoofing | antispoofing | message failed dkim | no
        dkim signature | sender id*failed
        """,
    ),
    (
        "requireptr",
        """
        ptr record | reverse dns | reverse lookup | no ptr | cannot find your reverse hostname | cannot find your
        hostname | unresolvable relay host name | client must have valid reverse | cannot resolve your address | ip
        address lookup failed | no matches to nameserver query | fix reverse dns | reverse mapping | domain name not
        found for ip | ptr resource record
        """,
    ),
    (
        "notcompliantrfc",
        """
        rfc 5322 | rfc5322 | not rfc compliant | not compliant with rfc | multiple addresses in from: header |
        multiple*addresses in from: | not conform to rfc | does not comply with rfc | duplicate header | missing
        required header
        """,
    ),
    (
        "badreputation",
        """
        low reputation | bad reputation | poor reputation | reputation of the sending | unexpected volume or user
        complaints | has been temporarily rate limited due to ip reputation | generated a high volume of*complaints
        """,
    ),
    (
        "spamdetected",
        """
        considered spam | classified as spam | identified as spam | spam classification | message is spam | looks
        like spam | looks a lot like spam | appears to be spam | appear to be unsolicited | likely unsolicited |
        unsolicited mail | spam message | spam content | junkmail rejected | spam detected | suspected spam |
        rejected as spam | rejected because of spam | is a spam | be spam | - spam | spam score | spam mail |
        blacklisted url | spam filter | spam rejected | content rejected, ube | ube, id= | high probability of spam
        | anti-spam | antispam | spamassassin | bulk email | rejected due to content | content is not acceptable |
        message content rejected | blocked by * content filter | message rejected due to unacceptable content | spam
        url | spam policy | dt:spm | mi:spb | suspicious message | junk mail | unsolicited bulk | mail content
        denied | message content*denied | spam points
        """,
    ),
    (
        "mailboxfull",
        """
        mailbox full | mailbox is full | mailbox exceed | exceeds allowed size | storage limit | over quota |
        overquota | quota exceed | exceeded*quota | exceeds*quota | exceeding*quota | out of quota | user quota |
        quota full | inbox is full | over the allowed quota | over its quota | no space left | not enough disk space
        | not enough space | not enough storage | insufficient disk space | exceeded storage allocation |
        storage*exceed | exceeded the local limit | mailbox size limit | mail folder is full | user has exhausted
        allowed storage | too much mail data | mail box full | mailbox has exceeded | recipient's mailbox exceed |
        shutoffquotaexceeded | disc quota | maximum size allowed for mail delivery | mailfolder is full | quota
        violation | reached disk quota | space has been used up | too many messages on the server | have enough
        space | no mailbox space | mailbox*is full | mailbox over | storage full | quota limit | hard quota | soft
        quota | disk quota | blocks limit exceeded | inode limit exceeded
        """,
    ),
    (
        "exceedlimit",
        """
        exceeds administrative limit | exceeds limit set by recipient | recipsizelimit | too large for this
        recipient | size exceeds fixed maximum message size | exceeds fixed maximum | message length exceeds
        """,
    ),
    (
        "mesgtoobig",
        """
        message too large | message too big | message size exceeds | message is too large | message is too big |
        mail size limit exceeded | size limit exceeded | exceeded maximum * size | exceeds maximum * size | exceeds
        the maximum | size limit | message file too big | max message size | too large message | message*larger than
        | line limit exceeded | line too long | message header size | rejected message because it is larger
        """,
    ),
    (
        "speeding",
        """
        too many recipients this hour | receiving mail at a rate | mail received*too quickly | deferred due to
        excessive recipients | is currently being throttled | messages to the user are being sent too quickly |
        frequency limited
        """,
    ),
    (
        "toomanyconn",
        """
        too many connections | too many concurrent | too many simultaneous | too many recipients | too many invalid
        | connection rate limit | connection limit | connections from your host | rate limit | exceeded*message
        limit | too many emails | too many messages | unusual rate | throttl | sending rate exceeded | daily sending
        quota | daily message quota | too many sessions | too many errors from your | maximum number of connections
        | connection frequency | try again later, too many | concurrent connections
        """,
    ),
    (
        "rejected",
        """
        sending to/from an address that has been | sender address rejected | accept mails from you | accept mail
        from you
        """,
    ),
    (
        "blocked",
        """
        blocked using | blocked by | is blocked | was blocked by*rbl | been blocked | on our block list | block list
        | blocklist | blacklist | black list | black-list | banned sending ip | client host*blocked | client host
        rejected | ip*blocked | listed at*spam | is listed in | been listed in | listed by | spamhaus | spamcop.net
        | dnsbl | barracudacentral | barracuda reputation | address blacklisted | refused to talk to me | dynamic ip
        | dynamic/residential | too many unwanted messages | messages from*weren't sent | in an rbl | not accepting
        connections | no access from mail server | open relay | invalid ip for sending mail | connections not
        accepted from | connection refused by | connection reset by peer | connection dropped | service refused,
        please try later | access denied - invalid helo | helo command rejected | invalid helo | bad helo | host
        name is invalid | your server*not allowed | your host*not allowed | your ip | daily relay quota | greylist |
        graylist | we do not accept mail from | mail server at*rejected | refused mail service | no more messages
        accepted from | unwanted messages | mail from*rejected*ip | dialup | dial-up | transient ip | ip not allowed
        | on a black list | ip address*rejected | permanently deferred | bad reputation ip
        """,
    ),
    (
        "policyviolation",
        """
        policy reasons | for policy reason | local policy | policy violation | violates*policy | security policies |
        administrative prohibition | administratively prohibited | message not allowed | content presents a
        potential | attachment*not allowed | attachment*prohibited | prohibited attachment | denied by policy |
        rejected by policy | policy rejection | you have exceeded the allowable number of posts | header error |
        blocked for policy | cannot send e-mail to yourself | policy restrictions | organization policy |
        organisation policy | rejectmessage | content policy | security policy
        """,
    ),
    (
        "contenterror",
        """
        headers too large | media error | mime error | too many mime | malformed mime | improper use of 8-bit |
        message body is not acceptable | unacceptable content | 8-bit data in message | missing mime | too many
        "received" headers | line length
        """,
    ),
    (
        "hasmoved",
        """
        has moved | mailbox*moved | no longer on server | no forwarding address | moved to*please update | has been
        replaced by | not our customer | not our user | address has changed | account has been moved
        """,
    ),
    (
        "onhold",
        """
        on hold
        """,
    ),
    (
        "suspend",
        """
        mailbox disabled | mailbox is disabled | mailbox is frozen | mailbox is inactive | mailbox*suspended |
        mailbox*locked | mailbox unavailable or access denied | mailbox currently suspended | account is disabled |
        account disabled | account is temporarily limited | account*disabled | account is locked | account is
        blocked | account*blocked | account*suspended | account*deactivated | account*inactive | account has expired
        | account expired | account is expired | account is not active | disabled by administrator | account*closed
        | disabled or discontinued | disabled recipient | disabled mailbox | that you tried to reach is disabled |
        recipient*suspended | recipient*disabled | recipient*has been disabled | user*suspended | user*disabled |
        user is inactive | user is locked | user*not active | domain*suspended | domain*disabled | is over 30 days
        inactive | temporarily disabled | not currently accepting mail | is not accepting any mail | sorry, the user
        account*disabled | inactive user | deactivated mailbox | suspend the service | temporary locked |
        temporarily inactive | locked mailbox | mailbox*deactivated | mailbox has been disabled | mailbox expired |
        dormant account
        """,
    ),
    (
        "rejected",
        """
        sender address rejected | sender rejected | sender unknown | unknown sender | sender user | sender is
        unknown | sender not found | sender does not exist | sender doesn't exist | sender account | sender's
        address | sender mailbox | sender verify failed | sender verification | sender domain | sender address |
        sending domain | domain of sender | sender's domain | bad sender | callout verification | verification
        failed for | mail from you is not allowed | invalid sender | sender denied | sender not allowed | accept
        mail from | accept messages from | accept email from | not accepting mail from | accept mail with | accept
        messages with | accept mail over | accept messages over | unroutable sender | mail from*does not exist |
        senders domain | not a member of this mailing list | are not member | not allowed to post | not have
        permission to post | permission to post | you are not allowed | rejected your message |
        administrator*rejected | sending it from a different address | sending this from a different address |
        fromdenied | email was rejected by the recipient's | rejected by recipient*administrator
        """,
    ),
    (
        "notaccept",
        """
        indicated no smtp service | null mx | nullmx | does not accept mail | doesn't accept mail | does not receive
        mail | doesn't receive email | does not accept email | no mx found | couldn't find a mail exchanger or ip
        address | couldn't find any mail exchanger | not accepting network messages | does not accept messages | no
        mail exchanger | name server: no data known | no mx record found | no host found for existing smtp | name
        server: .: host not found | destination seem to reject all mails | no route for current request | no mx or a
        records | no mx or address records | no mail server for | does not handle mail | had no relevant answers
        """,
    ),
    (
        "networkerror",
        """
        dns error: could not | responded with code servfail | responded with code refused | host not found, try
        again | cname lookup failed | host name lookup failure | name server timeout | network error | network is
        unreachable | no route to host | host is down | too many hops | hop count exceeded | hop limit | mail loop |
        mail forwarding loop | routing loop | loops back to myself | loops back to me | loop detected | forwarded
        more than the maximum | malformed or unexpected name server reply | could not resolve host | unable to
        resolve | dns lookup failure: temporary | connection closed unexpectedly | lost connection | address family
        mismatch | temporary lookup failure | too many received | dns lookup failed | all routes to destination
        blocked | no valid route | temporary failure in mx lookup | best-preference mx
        """,
    ),
    (
        "hostunknown",
        """
        host unknown | dns error: domain name not found | dns error: dns server returned answer with no data |
        unrouteable mail domain | remote domain doesn | unknown host | no such domain | domain does not exist |
        domain doesn't exist | domain not exist | domain*does not exist | domain not found | domain is not reachable
        | domain unknown | unknown domain | invalid domain | domain name not found | domain must resolve |
        domain*couldn't be found | couldn't find any host | couldn't find any host named | host not found | host or
        domain name not found | bad destination system address | unrouteable address | unroutable address | no such
        host | nxdomain | dns lookup failure | name server: host not found | illegal host/domain | not a valid
        domain | recipient domain must exist | nonexistent domain | all relevant mx records point to non-existent
        hosts | domain must exist | mail domain*unknown | name or service not known |
        domain may not exist | host address lookups failed permanently
        """,
    ),
    (
        "syntaxerror",
        """
        syntax error | malformed address | not implemented | improper sequence of commands | bad sequence of
        commands | unrecognized command | command unrecognized | unsupported command | command not recognized |
        malformed address: | domain missing in source-routed address | nested too deep
        """,
    ),
    (
        "mailererror",
        """
        mailer error | procmail: | pipe to | command died | command failed | command time limit exceeded | local
        delivery agent | exit status | returned exit code | x-unix; | unknown mailer error | mail filter
        """,
    ),
    (
        "userunknown",
        """
        user unknown | unknown user | user*unknown | user not found | user not exist | user does not exist | user
        doesn't exist | user*does not exist | user*doesn't exist | user doesn't have a | user*not have a*account |
        no such user | no such person | no such mailbox | no such recipient | no such address | no such account | no
        such local user | not a valid user | not a known user | not a valid mailbox | not a valid recipient | not
        listed in | invalid user | invalid recipient | invalid mailbox | invalid address | invalid final delivery
        userid | unknown recipient | unknown or illegal user | unknown account | unknown address | unknown local |
        unknown or illegal alias | account does not exist at | unknown mailbox | recipient unknown | addressee
        unknown | no longer exists | no longer valid | recipient not found | recipient*not found | recipient*not
        exist | recipient*doesn't exist | recipient name is not recognized | recipnotfound | recipientnotfound |
        recipient address rejected: access denied | recipient address rejected: invalid | recipient address
        rejected. | rejected: user | mailbox unavailable | mailbox not found | mailbox*not exist | mailbox*doesn't
        exist | mailbox*not found | mailbox unknown | mailbox name not allowed | no mailbox | address unknown |
        address not found | address*not found | address couldn't be found | address*does not exist | address*doesn't
        exist | address does not exist | address not present | account*does not exist | account*doesn't exist |
        account not found | account*not found | account that you tried to reach does not exist | does not have an
        account | doesn't have an account | email address could not be found | inactive email address |
        undeliverable address | bad destination mailbox | bad mailbox | bad address | no account by that name |
        nobody here by that name | no user | person does not work here | has no mailbox here | unable to find
        recipient | user missing | check if address is correct | and other recipients in the same domain | address
        invalid | bad recipient | can't accept user | addresses were unknown | server rejected recipients | not an
        active address | mailbox invalid | mailbox is unavailable | mailbox not present | no mail box available |
        account unavailable | no valid recipients for this mm | non-existent user | nonexistent user | not a local
        address | is not local | recipient not ok | badrcptto | badrecipientto | validrcptto | envelope recipient |
        recipients was undeliverable | name is not found | no one at this address | no longer accepts mail | unknown
        e-mail | unknown email | user not known | user*not known | invalid or unknown | wasn't found at | rcp-p1 |
        int-p1 | int-p3 | int-p4 | non-existent mailbox | nonexistent mailbox | non existent user | non-existent
        account | user is not exist | recipient is not exist
        """,
    ),
    (
        "expired",
        """
        envelope expired | message expired | queue.expired | delivery time expired | retry timeout exceeded | retry
        time not reached | failing for a long time | too long in queue | could not be delivered for | could not
        deliver for the last | not delivered within | connection timed out | operation timed out | timed out while |
        timed out | conversation*timed out | did not accept our requests to connect | wasn't able to establish an
        smtp connection | unable to connect | delivery failed*attempts | after multiple retries | temporarily unable
        to deliver | unable to deliver in | cannot send message for | cannot send message within | in the time limit
        specified | was not responding | is not responding | could not connect | cannot connect | connection refused
        | delivery*delayed | not yet been delivered | have not yet received | will be retried | frozen | host not
        reachable
        """,
    ),
    (
        "userunknown",
        """
        does not exist | doesn't exist
        """,
    ),
    (
        "filtered",
        """
        because the recipient is not accepting mail with | because the recipient is only accepting mail from
        specific | due to extended inactivity new mail is not | has been protected by | rejected by user | rejected
        by recipient | rejected by a remote mail server | refused by recipient | refuses to accept your mail |
        rejects mail from you | box is not accepting messages | not accepting mail with attachments | we failed to
        deliver mail because the following address recipient id refuse | user refuses | user reject | you have been
        blocked by the recipient | deactivated mailbox | user rules | not found recipient account | recipient
        preferences | is protected by | bounced address
        """,
    ),
    (
        "systemfull",
        """
        mail system full | disk full | system storage
        """,
    ),
    (
        "securityerror",
        """
        access denied | authentication required | authrequired | unauthenticated senders not allowed | not
        authorized | not authenticated | authorization failed | insufficient security | account not subscribed |
        failed to delivery | permission denied | delivery not authorized | insecure mail relay
        """,
    ),
    (
        "systemerror",
        """
        system error | internal error | internal server error | server configuration error | service unavailable |
        service currently unavailable | temporary failure | temporary problem | local error | local configuration
        error | ldap | interrupted system call | can't create | queue file write error | out of memory | io error |
        i/o error | temporary error | temporarily unavailable | resources temporarily unavailable | server error |
        transaction failed | duplicated message-id | timeout waiting for input | local delivery failed | lmtp error
        after | delivery to file forbidden | delivery to pipe forbidden | dns violates rfc 1035
        """,
    ),
)


def _phrases() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each reason as it stands above; those of other languages with its first mention."""
    others = dict(languages.WRITTEN)
    for reason, written in _WRITTEN:
        both = (*written.split("|"), *others.pop(reason, "").split("|"))
        yield reason, tuple(phrase for phrase in (" ".join(one.split()) for one in both) if phrase)


PHRASES = tuple(_phrases())
"""Each reason with its phrases."""
