"""What each counted figure counts, in both languages: why a case stands in its drawer."""

MEANINGS = {
    # areas
    "R_INST": ("首次立案", "filed for the first time"),
    "R_PUB_VERIFIED": (
        "来自外部举报、经网格员核实属实后立案",
        "told from outside, confirmed by a grid worker, then filed",
    ),
    "R_ACCEPT": ("首次受理（自行处置的同时受理）", "accepted for the first time"),
    "R_PATROL": ("巡查发现并立案", "found on patrol and filed"),
    "R_CLOSE": ("结案，且未因重开而撤销", "closed, and not opened again since"),
    "R_INTIME_CLOSE": ("结案，处置未超期（或申诉已豁免）", "closed, handled within the limit"),
    "R_OVERTIME_CLOSE": ("结案，处置超期", "closed, handled past the limit"),
    "R_OVERDUE_OPEN": (
        "期末仍未结案，且已过处置时限",
        "open at the period's end, past the handling limit",
    ),
    # units
    "D_INST": ("派遣至该单位（每轮计一次）", "dispatched to the unit, once a round"),
    "D_DISPOSE": ("单位报告处置完毕，核查未退回", "reported handled and not found undone"),
    "D_INTIME_DISPOSE": ("处置完毕，未超期", "handled within the limit"),
    "D_OVERTIME_DISPOSE": ("处置完毕，已超期", "handled past the limit"),
    "D_HANDLE_MINUTES": (
        "从派遣到处置完毕的时长，扣除挂账",
        "minutes from dispatch to handling, without suspensions",
    ),
    "D_OVERTIME_TO_DISPOSE": (
        "期末未处置，且已过时限",
        "not handled at the period's end, past the limit",
    ),
    "D_TO_DISPOSE": ("期末尚未处置", "not handled at the period's end"),
    "D_OVERDUE_OPEN": (
        "期末仍未结案，且已过处置时限",
        "open at the period's end, past the handling limit",
    ),
    "D_REWORK": ("核查或结案审批未通过，退回返工", "found undone and sent back"),
    "D_BACK": ("回退申请获准", "a return was granted"),
    "D_DELAY": ("延期申请获准（每轮计一次）", "an extension was granted, once a round"),
    "D_HANG": ("挂账申请获准（每轮计一次）", "a suspension was granted, once a round"),
    "D_CLOSE": ("该单位最后处置，已结案", "last handled by the unit, and closed"),
    "D_INTIME_CLOSE": ("已结案，处置未超期", "closed, handled within the limit"),
    # grid workers
    "P_SUP_REPORT": ("巡查上报", "reported on patrol"),
    "P_SUP_VALID_REPORT": ("巡查上报，后获立案", "reported on patrol, and filed"),
    "P_SUP_MISSED": (
        "本人责任网格内由外部举报、核实属实并立案",
        "in the own grid, told from outside, confirmed and filed",
    ),
    "P_SUP_GRID_INST": ("本人责任网格内立案", "filed in the own grid"),
    "P_SUP_FOUND": ("本人责任网格内巡查发现并立案", "found on patrol in the own grid"),
    "P_SUP_NEED_VERIFY": ("收到核实任务", "asked to confirm"),
    "P_SUP_VERIFY": ("完成核实", "confirmed, or found untrue"),
    "P_SUP_INTIME_VERIFY": ("时限内完成核实", "confirmed within the limit"),
    "P_SUP_NEED_CHECK": ("收到核查任务", "asked to verify"),
    "P_SUP_CHECK": ("完成核查", "verified, or sent back"),
    "P_SUP_INTIME_CHECK": ("时限内完成核查", "verified within the limit"),
    "P_SUP_INVALID_CHECK": (
        "核查后被退回，或抽查发现问题仍在",
        "verified, and found undone afterwards",
    ),
    "P_SUP_SELF": ("自行处置", "handled on the spot"),
    # intake officers
    "P_ACC_OPERATE": ("首次受理", "accepted"),
    "P_ACC_NOT_OPERATE": ("不予受理", "dismissed at intake"),
    "P_ACC_INTIME_OPERATE": ("时限内受理", "accepted within the limit"),
    "P_ACC_ACCUR_OPERATE": ("受理后未被退回或更正", "accepted, and never corrected"),
    "P_ACC_NEED_SEND_VERIFY": ("发出核实任务", "sent to be confirmed"),
    "P_ACC_INTIME_SEND_VERIFY": ("时限内发出核实任务", "sent to be confirmed within the limit"),
    # shift chiefs, community supervisors
    "P_CHF_INST": ("立案", "filed"),
    "P_CHF_NOT_INST": ("不予立案", "dismissed at filing"),
    "P_CHF_INTIME_INST": ("时限内立案", "filed within the limit"),
    "P_CHF_ACCUR_INST": ("立案后未作废", "filed, and never voided"),
    "P_CHF_CLOSE": ("批准结案", "approved the closing"),
    "P_CHF_INTIME_CLOSE": ("时限内批准结案", "approved the closing within the limit"),
    # dispatchers, handlers
    "P_DIS_DISPATCH": ("派遣", "dispatched"),
    "P_DIS_INTIME": ("时限内派遣", "dispatched within the limit"),
    "P_DIS_ACCUR": ("派遣后未改派其他单位", "dispatched, and never moved to another unit"),
    "P_DIS_WRONG": ("派遣后改派其他单位", "dispatched, and moved to another unit later"),
    "P_HDL_DISPOSE": ("处置完毕，核查未退回", "handled, and not found undone"),
    "P_HDL_INTIME": ("处置完毕，未超期", "handled within the limit"),
    # every-days
    "E_OWN_DONE": ("本单位权属的部件当日处置完毕", "a component of theirs was put right that day"),
    "E_OWN_LEFT": (
        "本单位权属的部件，日终已超时而未处置",
        "a component of theirs, past the limit at the day's end",
    ),
    "E_MNT_DONE": (
        "本单位养护的部件当日处置完毕",
        "a component that they maintain was put right that day",
    ),
    "E_MNT_LEFT": (
        "本单位养护的部件，日终已超时而未处置",
        "a component that they maintain, past the limit at the day's end",
    ),
    "E_OVS_DONE": ("当日完成核实、核查或抽查", "confirmed, verified or checked that day"),
    "E_OVS_LEFT": ("任务日终已超时而未完成", "asked, and not answered past the limit"),
    "E_OVS_FOUND": ("当日自己发现上报或自行处置", "found and reported that day"),
    "E_MNG_DONE": ("当日处置完毕", "handled that day"),
    "E_MNG_LEFT": ("日终已超时而未处置", "past the limit at the day's end, not handled"),
    "E_ENF_DONE": ("当日执法处置完毕", "enforced that day"),
    "E_ENF_LEFT": ("日终已超时而未执法处置", "past the limit at the day's end, not enforced"),
}
