"""Words that people of the demo city type; invented."""

SAYINGS = {
    "dismiss": ["现场未发现问题。", "不属于受理范围，已告知反映人。", "与前案重复，已说明。"],
    "place": ["位置不清，请补充。", "立案条件与照片不符，请核对。"],
    "void": ["误立案。", "问题已自行消失。"],
    "handle": ["已清理完毕。", "已修复，恢复原状。", "已劝导并整改到位。", "已更换并检查周边。"],
    "return": ["不属我单位职责，产权单位为其他部门。", "该路段已移交，请改派。"],
    "extend": ["连续降雨，无法施工，申请延期。", "配件到货需时，申请延期。"],
    "suspend": ["等待配件到货。", "列入集中改造，申请挂账。"],
    "refuse": ["理由不充分，请按期处置。", "职责清单已明确，不予回退。"],
    "adjudicate": ["经协调，由你单位处置。"],
    "supervise": ["群众反映强烈，请尽快处置并回复。", "请说明进展。"],
    "reply": ["已安排人员到场处置。", "正在处置，今日内完成。"],
    "rework": ["现场未清理干净。", "仍有隐患，未达结案条件。"],
    "reopen": ["问题再次出现。", "处置后又反弹。"],
    "appeal": ["因暴雨停工，超期非我单位原因，申请免责。", "派遣后位置更正，耽误了时间。"],
    "opine": ["情况属实。", "证据不足。"],
}

_WHERE = ["路边", "小区门口", "公交站旁", "学校附近", "菜市场外", "人行道上", "路口"]


def describe(condition, rng):
    """A sentence of a report: where, what and its condition."""
    return f"{rng.choice(_WHERE)}：{condition.category.name_zh}，{condition.text_zh}。"
